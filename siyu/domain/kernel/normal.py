"""One spelling for what people type in many: phone numbers, emails, names and member numbers.

The whole house uses these, the blind indexes too, so what was stored in one spelling is found by another. Everything
here is pure; a text that cannot be brought to the usual form is a `Refusal` whose message never holds the text.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

from siyu.privacy.refusal import Code, Refusal

PHONE_LENGTH_MAX = 40
EMAIL_LENGTH_MAX = 254

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_USUAL_EMAIL = re.compile(r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+\.)+[a-z]{2,10}", re.ASCII | re.IGNORECASE)
_USUAL_EMAIL_LENGTH_MAX = 63  # no part of it is too long then
_NEVER_MAIL = frozenset(SPECIAL_USE_DOMAIN_NAMES)
_DIGIT = re.compile(r"\d")
_SEPARATORS = str.maketrans("", "", "-()")
_MOBILE = re.compile(r"\+861[3-9][0-9]{9}|1[3-9][0-9]{9}", re.ASCII)
_SPACES = re.compile(r"\s+")
_ANY_SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,3}\Z")
_MASK = re.compile(r"\*|x{3,}|X{3,}|\u2022{2,}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_MOBILE_CN = re.compile(r"(?<!\d)(?:\+?(?:00)?86[ .-]?)?1[3-9]\d(?:(?:[ -]?\d{4}){2}|(?:\.\d{4}){2})(?!\d)")
_INTERNATIONAL = re.compile(r"(?<![\w+])\+\d[\d ()-]{7,18}\d(?!\d)")
_ID_CARD_CN = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])")


def clean(text: str) -> str:
    """`text` without invisible and control characters; line ends become `\\n`; nothing else is touched."""
    if text.isprintable():
        return text
    return _CONTROL.sub("", _INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))


def line(text: str) -> str:
    """One line in NFKC (full-width letters and digits become usual ones), spaces collapsed, ends trimmed."""
    if text.isprintable() and "  " not in text and unicodedata.is_normalized("NFKC", text):
        return text.strip()  # most of what comes: nothing to do, at a tenth of the cost
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", _INVISIBLE.sub("", _CONTROL.sub(" ", text)))).strip()


def visible(text: str) -> str:
    """`text` in NFKC, without characters that nobody sees: they may stand between the digits of a number."""
    return text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def name(text: str) -> str:
    """A person's or a place's name as it is shown: one line, NFKC, single spaces. May come out empty."""
    return line(text)


def folded(text: str) -> str:
    """What two spellings of one name have in common: `name`, without the difference of cases."""
    return name(text).casefold()


def month_day(text: str) -> str:
    """Month and day of a date in ISO 8601."""
    return text[5:10]


def code(text: str) -> str:
    """A number on a card, an account or an order: NFKC, no white space inside or around. Case stays."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFKC", _ANY_SPACE_OR_CONTROL.sub("", plain))  # a space that went may let two marks join


def member_no(text: str) -> str:
    """What two spellings of one member number have in common: `code` in upper case."""
    return code(code(text).upper())


def phone(text: str, region: str) -> str:
    """`text` in E.164 (`+8613800001111`).

    `region` (`CN`) is where a number without a country code is dialled. A number is taken when it is one that the
    numbering plan knows, or when it has the length of a mobile number there: operators open ranges (154, 179, 194)
    before any table lists them. Masked, truncated and several numbers at once are refused.
    """
    plain = line(text).replace(" ", "")
    if short := _chinese_mobile(plain, region):
        return short
    if not plain:
        raise Refusal("There is no phone number.", code=Code.BLANK)
    if _MASK.search(plain):
        raise Refusal("The phone number is masked.")
    if _SCIENTIFIC.fullmatch(plain):
        raise Refusal("A spreadsheet cut this phone number to a power of ten: format the column as text.")
    if len(plain) > PHONE_LENGTH_MAX:
        raise Refusal("This is too long for a phone number.", code=Code.TOO_LONG)
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    try:
        number = phonenumbers.parse(plain, region)
    except NumberParseException as problem:
        raise Refusal("This is not a phone number.") from problem
    if not (phonenumbers.is_valid_number(number) or _has_mobile_length(number)):
        raise Refusal(_phone_reason(number))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _chinese_mobile(plain: str, region: str) -> str | None:
    """What the long way gives for the number that nearly everybody here has, at a twentieth of its cost."""
    digits = plain.translate(_SEPARATORS)
    if digits.startswith("0086"):
        digits = "+" + digits[2:]
    if not _MOBILE.fullmatch(digits) or plain.startswith("-"):
        return None
    if digits.startswith("+"):
        return digits
    return "+86" + digits if region == "CN" else None


def _has_mobile_length(number: phonenumbers.PhoneNumber) -> bool:
    reason = phonenumbers.is_possible_number_for_type_with_reason(number, PhoneNumberType.MOBILE)
    return bool(reason == ValidationResult.IS_POSSIBLE)


def _phone_reason(number: phonenumbers.PhoneNumber) -> str:
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == ValidationResult.TOO_LONG:
        return "The phone number has too many digits."
    if reason in {ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY}:
        return "The phone number has too few digits."
    return "There is no such phone number."


def email(text: str) -> str:
    """`text` as a lower-case address in NFKC; the domain may be an internationalised one.

    Nothing is looked up in DNS. Addresses that can never receive mail (`localhost`, `.test`, `.invalid`) are refused.
    """
    plain = line(text)
    if _USUAL_EMAIL.fullmatch(plain) and len(plain) <= _USUAL_EMAIL_LENGTH_MAX and plain.rpartition(".")[2].lower() not in _NEVER_MAIL:
        return plain.lower()  # what the long way gives for nearly all addresses, at a twentieth of its cost
    if not plain:
        raise Refusal("There is no email address.", code=Code.BLANK)
    if len(plain) > EMAIL_LENGTH_MAX:
        raise Refusal("This is too long for an email address.", code=Code.TOO_LONG)
    if "*" in plain:
        raise Refusal("The email address is masked.")
    try:
        return validate_email(plain, check_deliverability=False).normalized.lower()
    except EmailNotValidError as problem:
        raise Refusal("This is not an email address.") from problem


def masked(text: str) -> bool:
    """Whether somebody hid part of a name behind asterisks (`姜**`): such a name never replaces a real one."""
    return "*" in unicodedata.normalize("NFKC", text)


def looks_personal(text: str) -> bool:
    """Whether `text` holds what looks like an email address, a phone number or a Chinese identity number.

    Such a value is never stored in the clear: it is refused there, or goes into a sealed column.
    """
    plain = visible(text)
    if "@" not in plain and not _DIGIT.search(plain):
        return False
    return any(pattern.search(plain) for pattern in (_EMAIL, _MOBILE_CN, _INTERNATIONAL, _ID_CARD_CN))
