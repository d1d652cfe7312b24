"""What of the contract is not built yet, by the capability that will bring it. The list only gets shorter."""

from __future__ import annotations

from typing import Final

_UNBUILT: Final = {
    "surveys and feedback": """
        Query.survey Query.surveys Query.feedbackItems Customer.surveyResponses
        Mutation.surveyCreate Mutation.surveyUpdate Mutation.surveyOpen Mutation.surveyClose Mutation.surveyRespond
        Mutation.feedbackOpen Mutation.feedbackUpdate SegmentRuleInput.survey
    """,
    "consent, retention, the data map, the audit trail": """
        Query.purposes Query.retentionPolicies Query.dataMap Query.auditEvents Query.auditCheckpoint
        Customer.consents Customer.consentHistory Viewer.purpose AccessToken.purpose
        Mutation.purposePublish Mutation.consentGrant Mutation.consentWithdraw Mutation.retentionPolicySave
    """,
    "the whole workflow of data requests": """
        DataRequest.extendedReason DataRequest.verification DataRequest.holds DataRequest.denial DataRequest.partners
        DataRequest.certificate DataRequestOpenInput.rectify
        Mutation.dataRequestVerify Mutation.dataRequestDeny Mutation.dataRequestExtend Mutation.legalHoldPlace Mutation.legalHoldRelease
    """,
    "tokens narrowed further, cost limits, webhooks, subscriptions": """
        AccessToken.segment AccessToken.fields AccessToken.trustedDocumentsOnly Viewer.rateLimit Query.webhooks
        AccessTokenCreateInput.segmentId AccessTokenCreateInput.fields AccessTokenCreateInput.trustedDocumentsOnly
        Mutation.webhookSave Mutation.webhookDelete Mutation.webhookRedeliver
        Subscription.jobProgress Subscription.segmentChanges Subscription.dataRequestChanges
    """,
}

#: `Type.member` of the contract, each not there.
UNBUILT: Final = frozenset(member for members in _UNBUILT.values() for member in members.split())
