"""The national reference networks for rare cancers, as data. Pure.

Source: the list of networks labelled by the Institut national du cancer in summer 2025 (cancer.fr, "Réseaux de référence
cancers rares"), RRePS (PMC5834019; USCAP 2012, abstract 30), TENpath (reseau-gte.org), REFCORpath (refcor.org). A network whose
name stands there only in the list of 2019 is ``inferred``; one whose rule of second reading was not found has ``systematic``
None. The rules are a proposal of ours, which a pathologist has to confirm, but for those with a ``source``.
"""

from typing import Final

import msgspec


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """When a case is one for a network. All that is given must hold; of each list, one is enough."""

    entities: tuple[str, ...] = ()
    """Kinds of tumour (consults/entities.py) that a code of the case names."""
    organs: tuple[str, ...] = ()
    """Of the case."""
    sites: tuple[str, ...] = ()
    """Or how the ADICAP organ of that code begins: ``organs`` and ``sites`` are one condition."""
    circumstances: tuple[str, ...] = ()
    """Of the patient (telepath/cases/circumstances.py)."""
    systematic: bool = False
    """Every new case is read twice; else on request."""
    source: str = ""


class Centres(msgspec.Struct, frozen=True, kw_only=True):
    """How the pathology arm of a network is made, as far as it was read; which institutions they are, each installation says by
    a national group of that name, led by a coordinating centre."""

    coordinating: int | None = None
    expert: int
    collegial: bool = False
    """Cases in dispute are read together, in regular sessions."""
    source: str


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
    countersigned: bool = False
    """A second reader of the network confirms the opinion before it is final, unless one of ``second_alone`` is proven."""
    second_alone: tuple[str, ...] = ()
    """What, once proven, makes one reading enough. Worded as ``proof-<code>``."""
    rules: tuple[Rule, ...] = ()
    centres: Centres | None = None
    """None: not read."""
    inferred: bool = False
    """In the list of 2019; not read in that of 2025."""


NETWORKS: Final = (
    Network(
        "NETSARC+",
        "Sarcomes des tissus mous, des viscères et de l’os",
        ("soft-tissue", "bone"),
        ("RRePS", "NETSARC", "RESOS"),
        systematic=True,
        countersigned=True,
        second_alone=("kit-gist", "hhv8-kaposi", "translocation", "mdm2-amplified", "ctnnb1-desmoid"),
        rules=(Rule(entities=("sarcoma",), systematic=True, source="PMC5834019"),),
        centres=Centres(coordinating=3, expert=19, collegial=True, source="USCAP 2012, abstract 30"),
    ),
    Network(
        "LYMPHOPATH",
        "Lymphomes",
        ("lymphoid",),
        systematic=True,
        rules=(Rule(entities=("lymphoma",), systematic=True, source="cancer.fr"),),
    ),
    Network(
        "NETMESO",
        "Mésothéliome pleural malin",
        ("lung",),
        ("MESOPATH", "MESOCLIN"),
        rules=(Rule(entities=("mesothelioma",), organs=("lung",), sites=("RS",)),),
    ),
    Network(
        "ENDOCAN",
        "Tumeurs neuroendocrines, de la surrénale et de la thyroïde",
        ("endocrine",),
        ("TENpath", "ENDOCANPath", "RENATEN", "COMETE", "TUTHYREF"),
        systematic=True,
        rules=(
            Rule(entities=("neuroendocrine",), systematic=True, source="reseau-gte.org"),
            Rule(entities=("endocrine",)),
        ),
        centres=Centres(expert=22, collegial=True, source="Ann Pathol 2014"),
    ),
    Network(
        "MASTERBLAST",
        "Tumeurs blastémateuses de l’enfant et de l’adulte",
        systematic=True,
        rules=(Rule(entities=("blastemal",), systematic=True, source="cancer.fr"),),
    ),
    Network(
        "CANCERIMMUNE",
        "Cancers du patient immunodéprimé",
        aliases=("CANCERVIH", "K-VIROGREF"),
        rules=(Rule(circumstances=("immunodepression", "hiv", "transplant"), source="cancer.fr"),),
    ),
    Network(
        "REFCOR",
        "Cancers ORL rares",
        ("head-neck",),
        ("REFCORpath",),
        rules=(Rule(entities=("head-neck",)),),
        inferred=True,
    ),
    Network("CARADERM", "Cancers cutanés rares", ("skin",), rules=(Rule(entities=("rare-skin",)),)),
    Network(
        "CARARE", "Cancers rares du rein", ("urology",), rules=(Rule(entities=("rare-kidney",), organs=("urology",)),)
    ),
    Network(
        "CELAC",
        "Lymphomes associés à la maladie cœliaque",
        ("lymphoid", "digestive"),
        rules=(
            Rule(entities=("lymphoma",), circumstances=("coeliac",)),
            Rule(entities=("lymphoma",), sites=("DG",)),
        ),
    ),
    Network("MELACHONAT", "Mélanome de l’uvée", rules=(Rule(entities=("uveal-melanoma",)),)),
    Network(
        "PREDIR",
        "Maladie de von Hippel-Lindau et prédispositions héréditaires au cancer du rein",
        ("urology",),
        rules=(
            Rule(circumstances=("von-hippel-lindau",)),
            Rule(circumstances=("hereditary",), organs=("urology",)),
        ),
    ),
    Network(
        "RENAPE",
        "Tumeurs rares du péritoine",
        ("digestive", "gynaecology"),
        rules=(
            Rule(entities=("peritoneal",)),
            Rule(entities=("mesothelioma",), organs=("digestive", "gynaecology")),
        ),
        inferred=True,
    ),
    Network(
        "RENOCLIP-LOC",
        "Tumeurs rares du système nerveux central, lymphomes cérébraux et oculaires",
        ("nervous",),
        ("RENOCLIP", "LOC", "POLA"),
        rules=(
            Rule(entities=("brain",), organs=("nervous",), sites=("N",)),
            Rule(entities=("lymphoma",), organs=("nervous",), sites=("N", "OU")),
        ),
        inferred=True,
    ),
    Network(
        "RYTHMIC", "Thymomes et carcinomes thymiques", ("lung",), rules=(Rule(entities=("thymic",)),), inferred=True
    ),
    Network(
        "TMRG",
        "Tumeurs rares de l’ovaire et gynécologiques",
        ("gynaecology",),
        ("TMRO", "TMRO-TMRG"),
        rules=(Rule(entities=("gynaecological",), organs=("gynaecology",)),),
        inferred=True,
    ),
    Network(
        "TTG",
        "Tumeurs trophoblastiques gestationnelles",
        ("gynaecology",),
        rules=(Rule(entities=("trophoblastic",)),),
        inferred=True,
    ),
    Network(
        "GFELC",
        "Lymphomes cutanés",
        ("skin", "lymphoid"),
        rules=(Rule(entities=("lymphoma",), organs=("skin",), sites=("OT",)),),
        inferred=True,
    ),
)

_BY_NAME: Final = {name.casefold(): network for network in NETWORKS for name in (network.code, *network.aliases)}


def find(name: str) -> Network | None:
    """The network of this code, former name or pathology arm; capitals do not matter."""
    return _BY_NAME.get(name.strip().casefold())


def vouching(names: tuple[str, ...], organ: str) -> tuple[Network, ...]:
    """Of the networks an expert belongs to, those that cover ``organ``, in the order given, each once."""
    found = (find(name) for name in names)
    return tuple(dict.fromkeys(network for network in found if network is not None and organ in network.organs))
