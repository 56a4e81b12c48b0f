"""All attacks, by family."""

from tests.attacks import (
    archives,
    bombs,
    comparison,
    killing,
    leftovers,
    lying,
    metadata,
    network,
    overfitting,
    reading,
    script,
    writing,
)
from tests.attacks.attack import Attack

FAMILIES: dict[str, dict[str, Attack]] = {
    module.__name__.rpartition(".")[2]: module.ATTACKS
    for module in (
        comparison,
        lying,
        reading,
        writing,
        killing,
        bombs,
        network,
        leftovers,
        archives,
        metadata,
        script,
        overfitting,
    )
}
CORPUS: dict[str, Attack] = {
    f"{family}-{name}": attack for family, all_ in FAMILIES.items() for name, attack in all_.items()
}
LINKS = {f"archives-{name}": make for name, make in archives.LINKS.items()}
