"""Large and small letters of every script, one by one."""


def lowered(text: str) -> str:
    """Each letter's own small one, whatever stands beside it, as PostgreSQL's lower() does it.

    So a part of a text is lowered to a part of it: `str.lower` looks at the neighbours of a sigma,
    and makes two of one letter; such a letter stays.
    """
    return "".join(small if len(small := one.lower()) == 1 else one for one in text)
