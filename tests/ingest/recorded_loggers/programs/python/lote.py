"""The work that fails: where each error is raised is what the logs must tell."""


def soma():
    raise ValueError("sem preço")


def frete():
    raise LookupError("sem frete")


def pedido():
    try:
        frete()
    except LookupError as error:
        raise RuntimeError("pedido 12 recusado") from error
