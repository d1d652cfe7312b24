"""Who keeps the root key: a file, the environment, or HashiCorp Vault."""

from siyu.privacy.custodian.choice import custodian_from
from siyu.privacy.custodian.custodian import CustodyError, KeyCustodian, Wrapped
from siyu.privacy.custodian.environment import EnvironmentCustodian
from siyu.privacy.custodian.file import FileCustodian

__all__ = [
    "CustodyError",
    "EnvironmentCustodian",
    "FileCustodian",
    "KeyCustodian",
    "Wrapped",
    "custodian_from",
]
