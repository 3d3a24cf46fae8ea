"""What a screen may show of personal data (defaults of the trade: first and last, never all)."""


def name(full: str) -> str:
    """김민용 -> 김*용, 김용 -> 김*, longer names keep first and last."""
    if len(full) <= 1:
        return full
    if len(full) == 2:
        return full[0] + "*"
    return full[0] + "*" * (len(full) - 2) + full[-1]


def phone(number: str) -> str:
    """01012345678 -> 010-****-5678."""
    return f"{number[:3]}-****-{number[-4:]}"


def account(number: str) -> str:
    """123456789789 -> 123-***-***789: the first three and the last three digits stay."""
    return f"{number[:3]}-***-***{number[-3:]}"


def resident_number(digits: str) -> str:
    """9001011234567 -> 900101-1******."""
    return f"{digits[:6]}-{digits[6]}******"
