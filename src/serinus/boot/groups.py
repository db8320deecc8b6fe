"""Groups of exceptions, as task groups raise them."""


def only(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the one thing that went wrong; several stay together."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup) and len(found.exceptions) == 1:
        found = found.exceptions[0]
    return found
