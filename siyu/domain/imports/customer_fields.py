"""What a file may say of a customer, and the titles that its columns usually have."""

from __future__ import annotations

from siyu.domain.imports import cells
from siyu.domain.imports.columns import Field, field

MEMBER_NO = "member_no"
NOTE = "note"
TAGS = "tags"

CUSTOMER_FIELDS: tuple[Field, ...] = (
    field(
        MEMBER_NO,
        cells.code(256),
        "会员号|会员编号|会员卡号|会员ID|会员码|会员代码|卡号|会员卡|客户编号|客户号|顾客编号|member no|member number"
        "|member id|membership no|membership number|card no|card number|customer no",
    ),
    field("external_id", cells.code(256), "外部ID|外部编号|系统ID|用户ID|external id|customer id|user id|uid|crm id"),
    field(
        "phone",
        cells.phone,
        "手机号|手机|手机号码|电话|电话号码|联系电话|联系方式|移动电话|注册手机号|会员手机号|手机电话|phone|phone number"
        "|mobile|mobile number|mobile phone|cell|cell phone|cellphone|tel|telephone",
    ),
    field("email", cells.email, "邮箱|电子邮箱|电子邮件|邮件|邮箱地址|邮件地址|email|e-mail|mail|email address|e-mail address"),
    field("wechat_unionid", cells.code(256), "unionid|union id|微信unionid|微信开放平台ID|wechat unionid"),
    field("wechat_openid", cells.code(256), needs="the app's id"),
    field("wechat_external_userid", cells.code(256), needs="the app's id"),
    field(
        "display_name",
        cells.name(120),
        "姓名|名字|客户姓名|会员姓名|顾客姓名|用户姓名|客户名称|会员名称|真实姓名|昵称|称呼|联系人|name|full name"
        "|customer name|member name|real name|display name|nickname",
    ),
    field("family_name", cells.name(60), "姓|姓氏|last name|family name|surname"),
    field("given_name", cells.name(60), "名|first name|given name|forename"),
    field("gender", cells.gender, "性别|客户性别|会员性别|gender|sex"),
    field("birthday", cells.birthday, "生日|出生日期|出生年月日|出生|会员生日|birthday|birth date|date of birth|birthdate|dob"),
    field("city", cells.word(80), "城市|所在城市|市|常住城市|居住城市|city|town"),
    field("province", cells.word(80), "省份|省|所在省|所在省份|省市|province|state|region"),
    field("country", cells.word(80), "国家|国家地区|country"),
    field("line1", cells.name(200), "地址|详细地址|收货地址|住址|联系地址|家庭住址|address|street|address line 1"),
    field("line2", cells.name(200), "地址2|门牌号|address 2|address line 2"),
    field("postal_code", cells.name(20), "邮编|邮政编码|postal code|postcode|zip|zip code"),
    field(
        "source",
        cells.word(80),
        "来源|客户来源|会员来源|来源渠道|注册来源|注册渠道|渠道|开卡门店|source|channel|lead source|origin",
    ),
    field("occupation", cells.word(80), "职业|工作|occupation|profession|job"),
    field("income_band", cells.word(40), "收入|收入水平|月收入|年收入|income|income band"),
    field("education", cells.word(40), "学历|教育程度|文化程度|education"),
    field("locale", cells.word(35), "语言|locale|language"),
    field("timezone", cells.timezone, "时区|timezone|time zone"),
    field(TAGS, cells.tags, "标签|会员标签|客户标签|顾客标签|用户标签|tag|tags|label|labels|customer tags"),
    field(NOTE, cells.note, "备注|说明|客户备注|会员备注|备注信息|描述|note|notes|remark|remarks|comment|memo"),
)

#: Which field carries which kind of identity.
IDENTITY_FIELDS: dict[str, str] = {
    "phone": "PHONE",
    "email": "EMAIL",
    "member_no": "MEMBER_NO",
    "external_id": "EXTERNAL_ID",
    "wechat_unionid": "WECHAT_UNIONID",
    "wechat_openid": "WECHAT_OPENID",
    "wechat_external_userid": "WECHAT_EXTERNAL_USERID",
}
