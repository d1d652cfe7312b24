"""Who keeps the root key: a file, the environment, or HashiCorp Vault."""

from siyu.privacy.custodian.choice import custodian_from
from siyu.privacy.custodian.custodian import CustodyError, KeyCustodian, Wrapped
from siyu.privacy.custodian.environment import EnvironmentCustodian
from siyu.privacy.custodian.file import FileCustodian
from siyu.privacy.custodian.transit import VaultTransitCustodian

__all__ = [
    "CustodyError",
    "EnvironmentCustodian",
    "FileCustodian",
    "KeyCustodian",
    "VaultTransitCustodian",
    "Wrapped",
    "custodian_from",
]
