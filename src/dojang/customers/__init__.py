"""Who: customers, their internet-banking ids, terms and consents, SMS codes, sessions, reports."""

from dojang.customers.codes import Bound, SmsCodes
from dojang.customers.internet_banking import InternetBanking
from dojang.customers.loss import LossReports
from dojang.customers.model import Customer, Opened, Person, Session
from dojang.customers.people import AlreadyCustomer, Customers
from dojang.customers.sessions import Claim, Sessions
from dojang.customers.terms import Agreed, Terms

__all__ = [
    "Agreed",
    "AlreadyCustomer",
    "Bound",
    "Claim",
    "Customer",
    "Customers",
    "InternetBanking",
    "LossReports",
    "Opened",
    "Person",
    "Session",
    "Sessions",
    "SmsCodes",
    "Terms",
]
