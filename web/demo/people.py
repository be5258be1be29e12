"""Who is in the demonstration: invented institutions, invented professionals, and what to try as each of them."""

from typing import Final

import msgspec

from auth.simulator.identities import Identity
from telepath.actor import Role


class Place(msgspec.Struct, frozen=True):
    finess: str
    name: str
    city: str
    region: str
    time_zone: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    subject_name_id: str
    title: str
    given_name: str
    family_name: str
    place: str
    roles: tuple[Role, ...]
    know_how: str = "SM01"
    organs: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    median_hours: float | None = None
    try_this: str = ""
    try_this_en: str = ""
    """What to try with this identity, in French and in English; shown by the simulator."""


PLACES: Final = {
    "cayenne": Place("0D0000017", "Hôpital de l’Estuaire", "Cayenne", "03", "America/Cayenne"),
    "reunion": Place("0R0000025", "Hôpital du Vétiver", "Saint-Denis de La Réunion", "04", "Indian/Reunion"),
    "lille": Place("0L0000033", "Hôpital du Beffroi", "Lille", "32", "Europe/Paris"),
    "rennes": Place("0B0000041", "Hôpital des Ajoncs", "Rennes", "53", "Europe/Paris"),
}
"""Invented. FINESS numbers with a letter, as those of the national test cards."""

PEOPLE: Final = {
    "ines": Member(
        subject_name_id="899700421003",
        title="Dr",
        given_name="Inès",
        family_name="Flamboyant",
        place="cayenne",
        roles=(Role.REQUESTER,),
        try_this="Pathologiste à Cayenne : ouvrir un dossier, demander un avis.",
        try_this_en="Pathologist in Cayenne: open a case, ask for an opinion.",
    ),
    # The first of those proposed for the digestive cases: what is to be tried says to choose her.
    "claire": Member(
        subject_name_id="899700421011",
        title="Dr",
        given_name="Claire",
        family_name="Houblon",
        place="lille",
        roles=(Role.EXPERT, Role.REQUESTER),
        organs=("digestive", "endocrine", "lymphoid"),
        networks=("LYMPHOPATH", "ENDOCAN"),
        median_hours=5.0,
        try_this="Experte à Lille : accepter la demande, rejoindre en direct, signer.",
        try_this_en="Expert in Lille: accept the request, join live, sign.",
    ),
    "hugo": Member(
        subject_name_id="899700421029",
        title="Dr",
        given_name="Hugo",
        family_name="Beffroi",
        place="lille",
        roles=(Role.EXPERT,),
        organs=("soft-tissue", "bone", "skin"),
        networks=("NETSARC+",),
        median_hours=26.0,
        try_this="Expert à Lille : sarcomes et peau.",
        try_this_en="Expert in Lille: sarcomas and skin.",
    ),
    "yann": Member(
        subject_name_id="899700421037",
        title="Dr",
        given_name="Yann",
        family_name="Goémon",
        place="rennes",
        roles=(Role.EXPERT, Role.REQUESTER),
        organs=("digestive", "urology"),
        median_hours=9.0,
        try_this="Expert à Rennes : digestif, un avis déjà signé.",
        try_this_en="Expert in Rennes: digestive, one opinion signed already.",
    ),
    "maelle": Member(
        subject_name_id="899700421045",
        title="Dr",
        given_name="Maëlle",
        family_name="Ajonc",
        place="rennes",
        roles=(Role.EXPERT,),
        organs=("breast", "gynaecology", "skin"),
        median_hours=20.0,
        try_this="Experte à Rennes : sein, gynécologie, peau.",
        try_this_en="Expert in Rennes: breast, gynaecology, skin.",
    ),
    "paul": Member(
        subject_name_id="899700421052",
        title="Dr",
        given_name="Paul",
        family_name="Vétiver",
        place="reunion",
        roles=(Role.REQUESTER, Role.EXPERT),
        organs=("skin", "digestive"),
        median_hours=30.0,
        try_this="Pathologiste à La Réunion : une demande en attente, un dossier partagé par Cayenne.",
        try_this_en="Pathologist in La Réunion: one request waiting, one case shared by Cayenne.",
    ),
    "nadia": Member(
        subject_name_id="899700421060",
        title="Mme",
        given_name="Nadia",
        family_name="Registre",
        place="cayenne",
        roles=(Role.AUDITOR,),
        know_how="",
        try_this="Auditrice à Cayenne : qui a vu et fait quoi.",
        try_this_en="Auditor in Cayenne: who saw and did what.",
    ),
    "solene": Member(
        subject_name_id="899700421078",
        title="Dr",
        given_name="Solène",
        family_name="Balata",
        place="cayenne",
        roles=(Role.COORDINATOR, Role.ADMINISTRATOR),
        try_this="Coordonne et administre à Cayenne : membres, invitations, groupes, accès en urgence.",
        try_this_en="Coordinates and administers in Cayenne: members, invitations, groups, emergency openings.",
    ),
}

MORE: Final = {
    "blanche": Member(
        subject_name_id="899700421086",
        title="Dr",
        given_name="Blanche",
        family_name="Dentelle",
        place="lille",
        roles=(Role.COORDINATOR,),
        try_this="Coordonne à Lille : le relevé d’activité de ses experts, établissement par établissement.",
        try_this_en="Coordinates in Lille: the activity statement of its experts, institution by institution.",
    ),
    "rose": Member(
        subject_name_id="899700421094",
        title="Dr",
        given_name="Rose",
        family_name="Cèdre",
        place="rennes",
        roles=(Role.EXPERT,),
        organs=("lymphoid",),
        networks=("LYMPHOPATH",),
        median_hours=40.0,
        try_this="Experte à Rennes, réseau LYMPHOPATH : une troisième lecture, après une discordance majeure.",
        try_this_en="Expert in Rennes, LYMPHOPATH network: a third reading, after a major discordance.",
    ),
    "tom": Member(
        subject_name_id="899700421102",
        title="Dr",
        given_name="Tom",
        family_name="Garance",
        place="lille",
        roles=(Role.EXPERT,),
        organs=("lymphoid", "breast"),
        networks=("LYMPHOPATH",),
        median_hours=30.0,
        try_this="Expert à Lille : une lecture à l’aveugle déjà engagée, le premier diagnostic vient de se découvrir.",
        try_this_en="Expert in Lille: a blind reading committed already, the first diagnosis has just been shown.",
    ),
    "octave": Member(
        subject_name_id="899700421110",
        title="M.",
        given_name="Octave",
        family_name="Mirador",
        place="cayenne",
        roles=(Role.OBSERVER,),
        know_how="",
        try_this="Agence de santé, Guyane : les chiffres de la région, sans aucun dossier.",
        try_this_en="Health agency, Guyane: the figures of the region, and no case.",
    ),
}
"""Who comes with the whole demonstration alone."""


def identities() -> list[Identity]:
    """Who can be picked in the simulator."""
    return [
        Identity(
            subject_name_id=one.subject_name_id,
            given_name=one.given_name,
            family_name=one.family_name,
            title=one.title,
            profession="10" if one.know_how else "86",
            know_how=one.know_how,
            finess=PLACES[one.place].finess,
            institution_name=f"{PLACES[one.place].name}, {PLACES[one.place].city}",
            description=one.try_this,
            description_en=one.try_this_en,
        )
        for one in (*PEOPLE.values(), *MORE.values())
    ]
