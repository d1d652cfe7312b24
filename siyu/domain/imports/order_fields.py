"""What a file may say of an order, and the titles that its columns usually have."""

from __future__ import annotations

from siyu.domain.imports import cells, order_cells
from siyu.domain.imports.columns import Columns, Field, field

TOTAL = "total"
CURRENCIES = ("CNY", "USD", "EUR", "GBP", "HKD", "TWD", "JPY", "KRW", "SGD", "MYR", "AUD", "CAD")

ORDER_FIELDS: tuple[Field, ...] = (
    field("order_no", cells.code(80), "订单号|订单编号|单号|交易号|小票号|order no|order number|order id|external id"),
    field("member_no", cells.code(256), "会员号|会员编号|会员卡号|卡号|member no|member number|member id|customer no"),
    field("phone", cells.phone, "手机号|手机|手机号码|电话|联系电话|phone|mobile|tel"),
    field("email", cells.email, "邮箱|电子邮箱|email|e-mail"),
    field(
        "placed_at",
        order_cells.moment,
        "下单时间|下单日期|订单时间|订单日期|交易时间|日期|时间|ordered on|ordered at|order date|placed at|date",
    ),
    field("quantity", order_cells.quantity, "数量|件数|商品数量|quantity|qty|units"),
    field(
        TOTAL,
        order_cells.amount,
        "金额|订单金额|实付金额|实付|总金额|交易金额|应付金额|amount|total|total amount|paid amount|order amount",
        suffixes=CURRENCIES,
    ),
    field("currency", order_cells.currency, "币种|货币|currency"),
    field("status", order_cells.status, "状态|订单状态|status|order status"),
    field("channel", cells.word(40), "渠道|销售渠道|下单渠道|门店|channel|store|shop"),
)


def currency_of(columns: Columns, usual: str) -> str:
    """The currency that the amount's title names (`amount_usd`, `金额(USD)`, or `total:USD` in a mapping), else the usual one."""
    for column in columns.known:
        if column.field is not None and column.field.name == TOTAL and column.argument:
            return column.argument.removeprefix(":").upper()
    return usual
