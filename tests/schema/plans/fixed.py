"""Operations that are held equal in every run: one of each feature, and each difference that was ever found, shrunk."""

from __future__ import annotations

from typing import Any

from tests.schema.plans.spoken import FORGED, ORDERS

FIXED: list[tuple[str, dict[str, Any]]] = [
    ("{ __typename customers { __typename totalCount } }", {}),
    (
        "{ customers(first: 2) { nodes { id a: displayName b: displayName phone birthday createdAt updatedAt restricted } } }",
        {},
    ),
    ("{ customers(first: 2) { edges { cursor n: node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }", {}),
    ("{ customers(last: 2) { nodes { id } pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor } } }", {}),
    ("query ($n: Int = 1) { customers(first: $n, sort: TOTAL_SPENT_DESC) { edges { cursor } } }", {}),
    ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": None}),
    ("query ($f: CustomerFilter) { customers(filter: $f) { totalCount nodes { id } } }", {"f": {"name": "wang fang"}}),
    (
        "query ($f: CustomerFilter) { customers(filter: $f) { nodes { id } } }",
        {"f": {"any": [{"phone": "0086 13800000001"}, {"city": ["杭州"]}]}},
    ),
    (
        "query ($yes: Boolean!) { customers { nodes { id phone @include(if: $yes) ... @skip(if: $yes) { email } ...more } } }"
        " fragment more on Customer { email identities { __typename kind value appId } }",
        {"yes": True},
    ),
    ('{ customers { nodes { attributes(keys: ["taste", "plate"]) { key value } all: attributes { key value } } } }', {}),
    (
        "{ customers { nodes { address { city } orderSummary { count totalSpent { amount currency } averageOrderValue { amount } } } } }",
        {},
    ),
    (
        "{ customers { nodes { s: orderSummary { a: byCurrency { count } byCurrency { currency totalSpent { amount } } } orderSummary {"
        " byCurrency { __typename unconverted { amount } averageOrderValue { amount currency } } } } edges { n: node { orderSummary { count"
        " byCurrency { unconverted { currency } } } } } } }",
        {},
    ),
    ("query ($id: ID!) { customer(id: $id) { orderSummary { byCurrency { currency } } } }", {"id": "«Customer1»"}),
    ("{ orders { totalCount nodes { customer { orderSummary { byCurrency { count } } } convertedTotal { amount } refunds { id } } } }", {}),
    ('{ customers { nodes { orders(status: ["PAID"], channel: ["app"]) { nodes { id } totalCount } } } }', {}),
    ('{ products(search: "te") { totalCount nodes { sku tags price { amount } } } exchangeRates { nodes { rate validFrom } } }', {}),
    ("{ customers { nodes { orders(first: 2) { totalCount edges { cursor node { externalId total { amount currency } } } } } } }", {}),
    (
        "{ customers { nodes { orders(first: 1) { nodes { placedAt customer { displayName } } pageInfo { endCursor hasNextPage } } } } }",
        {},
    ),
    (
        "{ customers { nodes { events(first: 3) { totalCount nodes { name occurredAt receivedAt late channel properties customer { id } }"
        ' edges { cursor node { properties } } } clicked: events(names: ["clicked"], since: "2020-01-01T00:00:00Z") { totalCount } } } }',
        {},
    ),
    (
        "query ($search: String) { eventDefinitions(search: $search, first: 5) { totalCount nodes { id name title count"
        ' properties { name types personal seenPersonal sealing } } } eventDefinition(name: "viewed") { description lastSeenAt } }',
        {"search": "看"},
    ),
    (
        "{ customers { nodes { notes { nodes { body author { name } } } owner { id role } } edges { node { notes { totalCount } } } } }",
        {},
    ),
    ("{ a: customers(first: 1) { nodes { id } } b: customers(first: 2) { nodes { id displayName } } }", {}),
    ("{ customers { nodes { id } nodes { displayName } ... on CustomerConnection { nodes { phone } } } }", {}),
    ("query ($id: ID!) { customer(id: $id) { id displayName identities { id value } } }", {"id": "«Customer0»"}),
    ("query ($id: ID!) { node(id: $id) { id __typename ... on Customer { phone } ... on Node { id } } }", {"id": "«Customer0»"}),
    (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Customer { phone email } } }",
        {"ids": ["«Customer0»", "nonsense", "«Customer0»", "«Customer1»"]},
    ),
    ("query ($id: IdentityInput) { customer(identity: $id) { displayName } }", {"id": {"kind": "PHONE", "value": "13800000001"}}),
    ("{ attributeDefinitions { key title type choices personal searchable retentionDays } }", {}),
    ("{ accessTokens { nodes { id name scopes } } staff { nodes { name email role active createdAt } totalCount } }", {}),
    ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": 251}),
    ("query ($n: Int) { customers { nodes { orders(first: $n) { nodes { id } } } } }", {"n": 1}),
    ("query ($n: Int!) { customers(first: $n) { nodes { id } } }", {"n": "three"}),
    ("query ($a: String) { customers(after: $a) { nodes { id } } }", {"a": "bad"}),
    ('{ customers(filter: { createdAt: { from: "2030-01-01T00:00:00Z", before: "2020-01-01T00:00:00Z" } }) { nodes { id } } }', {}),
    ("query ($v: Boolean = false) { customers @include(if: $v) { totalCount } }", {"v": None}),
    ("query ($v: Boolean = false) { customers { nodes { id @skip(if: $v) } } }", {"v": None}),
    ("query ($v: [ID!] = []) { nodes(ids: $v) { id } }", {"v": None}),
    ("{ customers { nodes { orderSummary { totalSpent { __typename } averageOrderValue { __typename } } } } }", {}),
    ("{ customers { nodes { orderSummary { averageOrderValue { currency } } } } }", {}),
    ("{ dataRequests { nodes { export { sizeBytes downloads } plan { store until } } } }", {}),
    ("{ customers { nodes { attributes { value } } } }", {}),
    ('{ customers(filter: { source: ["\\u0000"] }) { nodes { id } } }', {}),
    ('{ customers { nodes { attributes(keys: ["\\u0000"]) { key } } } }', {}),
    ("{ customers(filter: { ids: [] }) { nodes { orders(first: -1) { totalCount } } } }", {}),
    ("query ($n: Int) { customers(first: 0) { nodes { notes(first: $n) { totalCount } } } }", {"n": 251}),
    ("{ __typename: customers { __typename: nodes { __typename: id def: __typename None: displayName } } }", {}),
    ("{ viewer { name staff { id } token { id } } customers(first: 1) { nodes { id displayName orders { totalCount } } } }", {}),
    ("{ dataRequests { edges { node { approvals { at: by { id } } history { at } } } nodes { at: customer { id } } } }", {}),
    ('{ customer(identity: { kind: PHONE, value: "13800000001" }) { id } }', {}),
    ('{ customers { nodes { orders(after: "«CREATED_AT_DESC1»") { totalCount } } } }', {}),
    (
        "{ customers { nodes { timeline(first: 3) { edges { cursor node { id kind title occurredAt properties } }"
        " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }",
        {},
    ),
    (
        "{ customers { nodes { timeline { nodes { s: subject { __typename id ... on Order { externalId lines { title } total { amount } } }"
        " } edges { node { k: kind subject { ... on Note { body author { name } } ... on Order { lines { quantity } } } } }"
        " __typename } } } }",
        {},
    ),
    (
        "query ($k: [TimelineKind!], $n: Int, $a: String) { customers { nodes { id a: timeline(kinds: $k, first: $n, after: $a)"
        " { nodes { id title } pageInfo { hasNextPage } } b: timeline(kinds: [NOTE]) { nodes { properties } } } } }",
        {"k": ["ORDER", "NOTE", "TAG"], "n": 2, "a": "«timeline2»"},
    ),
    ("query ($k: [TimelineKind!]) { customers { nodes { timeline(kinds: $k) { pageInfo { hasNextPage } } } } }", {"k": []}),
    (
        "{ customers { nodes { timeline(first: 1, kinds: PRIVACY)"
        " { nodes { subject { ... on DataRequest { number history { at } } } } } } } }",
        {},
    ),
    ("{ customers { nodes { timeline(first: 0) { __typename edges { __typename } pageInfo { __typename hasNextPage } } } } }", {}),
    ('{ customers { nodes { timeline(after: "«orders0»") { nodes { id } } } } }', {}),
    ("{ customers { nodes { timeline(first: -1, kinds: []) { nodes { id } } } } }", {}),
    (
        "{ customers { nodes { orders { nodes { customer { timeline(first: 2)"
        " { nodes { kind subject { ... on Order { customer { id } } } } } } } } } } }",
        {},
    ),
    (
        "{ customers { nodes { lifecycleStage activity tags { source assignedBy ruleVersion assignedAt expiresAt tag { id name archivedAt"
        ' group { name tags { name } } } } of: tags(group: "Level") { tag { kind stale } } segments { enteredAt override reason segment'
        " { code stale } } rfm { group } rfmHistory { nodes { group } } } edges { node { tags { __typename } } } } }",
        {},
    ),
    ('{ order(id: "«Order0»") { convertedTotal { amount } } }', {}),
    (
        "query ($f: CustomerFilter) { customers(filter: $f, first: 20) { totalCount nodes { id city } } }",
        {"f": {"tagsAny": ["VIP", "old"], "tagsNone": ["nowhere"], "lifecycleStage": ["LOYAL", "PROSPECT"], "city": ["杭州"]}},
    ),
    (
        "query ($f: CustomerFilter) { customers(filter: $f) { totalCount nodes { id } } }",
        {"f": {"any": [{"segment": "«Segment0»"}, {"not": {"tagsAll": ["VIP", "老客户"]}}], "activity": ["SILENT", "ACTIVE"]}},
    ),
    (
        "{ tags(filter: { includeArchived: true }) { totalCount nodes { name customersCount rule { expression } group { exclusive }"
        " usage { assignedLast30Days removedLast30Days segments { code customersCount } } } } tagGroups { id tags { name } } }",
        {},
    ),
    (
        "query ($at: DateTime) { segments { totalCount nodes { code rule { expression } stale customersCount"
        " then: customersCount(asOf: $at) before: customers(asOf: $at) { totalCount nodes { id } }"
        " customers(first: 1) { totalCount pageInfo { hasNextPage } edges { cursor node { displayName tags { tag { name } } } } } } } }",
        {"at": "2020-01-01T00:00:00Z"},
    ),
    ("{ segments { nodes { customers(first: 2) { totalCount nodes { segments { segment { code } } } } } } }", {}),
    (
        '{ segment(id: "«Segment0»") { history(from: "2026-01-01", to: "2026-01-03") { date count drop { condition } }'
        " drops { ratio share } insight { customers revenue { amount currency } byLifecycle { stage count } satisfaction"
        " averageOrderValue { amount } } } }",
        {},
    ),
    (
        "query ($c: ID!) { segments { nodes { explain(customer: $c) { member override nodes { path condition matched actual } } } } }",
        {"c": "«Customer1»"},
    ),
    *(
        ("query ($a: String, $s: CustomerSort) { customers(after: $a, sort: $s) { nodes { id } } }", {"a": forged, "s": sort})
        for forged in FORGED
        for sort in ORDERS
    ),
]
