"""The national reference networks for rare cancers, as data. Pure.

Source: the list of networks labelled by the Institut national du cancer in summer 2025 (cancer.fr, "Réseaux de référence
cancers rares"), RRePS (PMC5834019), TENpath (reseau-gte.org), REFCORpath (refcor.org). Only what was read there stands
here: a network whose rule of second reading was not found has ``systematic`` None.
"""

from typing import Final

import msgspec


class Network(msgspec.Struct, frozen=True):
    """One national network. Names of bodies and of tumours in French, as they are used."""

    code: str
    covers: str
    organs: tuple[str, ...] = ()
    """Organs for which membership speaks for an expert. Empty: the context decides, not the organ."""
    aliases: tuple[str, ...] = ()
    """Former names and pathology arms, still in use among colleagues."""
    systematic: bool | None = None
    """True: every new case is read twice. None: no rule was found."""


NETWORKS: Final = (
    Network(
        "NETSARC+",
        "Sarcomes des tissus mous, des viscères et de l’os",
        ("soft-tissue", "bone"),
        ("RRePS", "NETSARC", "RESOS"),
        systematic=True,
    ),
    Network("LYMPHOPATH", "Lymphomes", ("lymphoid",), systematic=True),
    Network("NETMESO", "Mésothéliome pleural malin", ("lung",), ("MESOPATH", "MESOCLIN")),
    Network(
        "ENDOCAN",
        "Tumeurs neuroendocrines, de la surrénale et de la thyroïde",
        ("endocrine",),
        ("TENpath", "ENDOCANPath", "RENATEN", "COMETE", "TUTHYREF"),
        systematic=True,
    ),
    Network("MASTERBLAST", "Tumeurs blastémateuses de l’enfant et de l’adulte"),
    Network("CANCERIMMUNE", "Cancers du patient immunodéprimé", aliases=("CANCERVIH", "K-VIROGREF")),
    Network("REFCOR", "Cancers ORL rares", ("head-neck",), ("REFCORpath",)),
    Network("CARADERM", "Cancers cutanés rares", ("skin",)),
    Network("CARARE", "Cancers rares du rein", ("urology",)),
    Network("CELAC", "Lymphomes associés à la maladie cœliaque", ("lymphoid", "digestive")),
    Network("MELACHONAT", "Mélanome de l’uvée"),
    Network("PREDIR", "Maladie de von Hippel-Lindau et prédispositions héréditaires au cancer du rein", ("urology",)),
)

_BY_NAME: Final = {name.casefold(): network for network in NETWORKS for name in (network.code, *network.aliases)}


def find(name: str) -> Network | None:
    """The network of this code, former name or pathology arm; capitals do not matter."""
    return _BY_NAME.get(name.strip().casefold())


def vouching(names: tuple[str, ...], organ: str) -> tuple[Network, ...]:
    """Of the networks an expert belongs to, those that cover ``organ``, in the order given, each once."""
    found = (find(name) for name in names)
    return tuple(dict.fromkeys(network for network in found if network is not None and organ in network.organs))
