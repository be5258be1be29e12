"""What the conditions are called on the page, in French and in English. Pure."""

from datetime import timedelta
from typing import Final

import msgspec

from auth.simulator.conditions import Acr, Conditions, Means, Places, Profession, Trouble, Userinfo


class Words(msgspec.Struct, frozen=True):
    """A choice, and what it leads to; the second may be empty."""

    fr: str
    en: str
    then_fr: str = ""
    then_en: str = ""

    def of(self, language: str) -> str:
        return self.en if language == "en" else self.fr

    def then(self, language: str) -> str:
        return self.then_en if language == "en" else self.then_fr


ACR: Final = {
    Acr.OWN: Words("Celui de l’identité", "That of the identity"),
    Acr.EIDAS1: Words("eidas1", "eidas1"),
    Acr.EIDAS2: Words("eidas2", "eidas2"),
    Acr.EIDAS3: Words("eidas3", "eidas3"),
    Acr.ABSENT: Words("Non dit (doit être refusé)", "Not told (must be refused)"),
    Acr.ODD: Words("Inconnu de tous (doit être refusé)", "Known to nobody (must be refused)"),
}
MEANS: Final = {
    Means.OWN: Words("Celui de l’identité", "That of the identity"),
    Means.CARD: Words("Carte (CPS)", "Card (CPS)"),
    Means.MOBILE: Words("Téléphone (e-CPS)", "Telephone (e-CPS)"),
}
PROFESSION: Final = {
    Profession.OWN: Words("Celle de l’identité", "That of the identity"),
    Profession.PATHOLOGIST: Words("Médecin, anatomie pathologique", "Doctor, pathology"),
    Profession.OTHER_DOCTOR: Words("Médecin généraliste", "General practitioner"),
    Profession.NURSE: Words("Infirmier", "Nurse"),
    Profession.TECHNICIAN: Words("Technicien de laboratoire", "Laboratory technician"),
    Profession.NONE: Words("Aucune au répertoire", "None in the register"),
}
PLACES: Final = {
    Places.OWN: Words("Ceux de l’identité", "Those of the identity"),
    Places.NONE: Words("Aucun", "None"),
    Places.ONE: Words("Le premier seulement", "The first only"),
    Places.SEVERAL: Words("Deux de plus", "Two more"),
}
USERINFO: Final = {
    Userinfo.JSON: Words("JSON", "JSON"),
    Userinfo.JWT: Words("Jeton signé (JWT)", "Signed token (JWT)"),
}

TROUBLES: Final[dict[Trouble, Words]] = {
    Trouble.NONE: Words("Rien : tout fonctionne", "Nothing: everything works"),
    Trouble.CANCELLED: Words(
        "La personne refuse",
        "The person refuses",
        "Le service revient à sa page de connexion, sans session.",
        "The service goes back to its login page, without a session.",
    ),
    Trouble.DOWN: Words(
        "Le fournisseur est en panne",
        "The provider is down",
        "Plus rien ne répond, jusqu’au retour à la normale. Les sessions ouvertes du service continuent jusqu’à leur limite.",
        "Nothing answers until you go back to normal. Open sessions of the service live on to their limit.",
    ),
    Trouble.UNAVAILABLE: Words(
        "Le fournisseur s’excuse : « momentanément indisponible »",
        "The provider apologises: “temporarily unavailable”",
        "Une page claire, sans session : ce n’est pas un refus.",
        "A clear page, without a session: this is no refusal.",
    ),
    Trouble.EXCHANGE_DOWN: Words(
        "Panne à l’échange du code",
        "Failure when the code is exchanged",
        "La personne s’est identifiée, mais le service n’obtient aucun jeton (erreur 503).",
        "The person has authenticated, but the service gets no token (error 503).",
    ),
    Trouble.SLOW: Words(
        "Réponse après trente secondes",
        "Answer after thirty seconds",
        "Le service renonce et le dit, en moins de cinq secondes.",
        "The service gives up and says so, within five seconds.",
    ),
    Trouble.USERINFO_DOWN: Words(
        "Panne à la lecture de l’identité",
        "Failure when the identity is read",
        "Le jeton est bon, mais la fiche de la personne ne vient pas (erreur 503).",
        "The token is good, but the person’s record does not come (error 503).",
    ),
    Trouble.NEW_KEY: Words(
        "Nouvelle clé de signature",
        "New signing key",
        "La connexion doit réussir : le service relit les clés une fois.",
        "The login must succeed: the service reads the keys again, once.",
    ),
    Trouble.UNKNOWN_KEY: Words(
        "Clé de signature inconnue",
        "Unknown signing key",
        "Refus : la clé n’est pas publiée.",
        "Refused: the key is not published.",
    ),
    Trouble.FORGED: Words(
        "Signature contrefaite",
        "Forged signature",
        "Refus : le jeton nomme une clé qui ne l’a pas signé.",
        "Refused: the token names a key that did not sign it.",
    ),
    Trouble.CODE_REFUSED: Words(
        "Code refusé",
        "Code refused",
        "Refus : le code a déjà servi, ou n’est pas d’ici.",
        "Refused: the code was used before, or is not from here.",
    ),
    Trouble.OTHER_STATE: Words(
        "Retour d’une autre demande",
        "Return of another request",
        "Refus : la réponse ne correspond à aucune demande de ce navigateur.",
        "Refused: the answer belongs to no request of this browser.",
    ),
    Trouble.WRONG_NONCE: Words(
        "Jeton d’une autre demande (nonce)",
        "Token of another request (nonce)",
        "Refus.",
        "Refused.",
    ),
    Trouble.WRONG_ISSUER: Words("Jeton d’un autre émetteur", "Token of another issuer", "Refus.", "Refused."),
    Trouble.WRONG_AUDIENCE: Words(
        "Jeton destiné à un autre service", "Token meant for another service", "Refus.", "Refused."
    ),
    Trouble.EXPIRED: Words("Jeton expiré", "Expired token", "Refus.", "Refused."),
    Trouble.LONG_AGO: Words(
        "Identification vieille de cinq heures",
        "Authentication five hours ago",
        "Refus : une session ne dure pas plus de quatre heures.",
        "Refused: a session lasts four hours at most.",
    ),
    Trouble.OTHER_SUBJECT: Words(
        "Fiche d’une autre personne",
        "Record of another person",
        "Refus : le jeton et la fiche ne parlent pas de la même personne.",
        "Refused: token and record speak of different people.",
    ),
    Trouble.NO_IDENTIFIER: Words(
        "Fiche sans identifiant national",
        "Record without national identifier",
        "Refus : on ne sait pas de qui il s’agit.",
        "Refused: nobody knows who this is.",
    ),
    Trouble.REFRESH_REFUSED: Words(
        "Renouvellement refusé",
        "Renewal refused",
        "La session du service se termine.",
        "The session of the service ends.",
    ),
    Trouble.REFRESH_OTHER: Words(
        "Renouvellement au nom d’une autre personne",
        "Renewal in another person’s name",
        "Carte échangée : la session du service se termine, et l’audit le retient.",
        "Card swapped: the session of the service ends, and the audit keeps it.",
    ),
    Trouble.REFRESH_DOWN: Words(
        "Panne au renouvellement",
        "Failure at the renewal",
        "La session du service continue jusqu’à sa limite.",
        "The session of the service lives on to its limit.",
    ),
}

GROUPS: Final = (
    (Words("À la connexion", "At the login"), (Trouble.NONE, Trouble.CANCELLED, Trouble.OTHER_STATE)),
    (
        Words("Chez le fournisseur", "At the provider"),
        (
            Trouble.DOWN,
            Trouble.UNAVAILABLE,
            Trouble.EXCHANGE_DOWN,
            Trouble.SLOW,
            Trouble.USERINFO_DOWN,
            Trouble.CODE_REFUSED,
        ),
    ),
    (
        Words("Dans ce qu’il signe", "In what it signs"),
        (
            Trouble.NEW_KEY,
            Trouble.UNKNOWN_KEY,
            Trouble.FORGED,
            Trouble.WRONG_NONCE,
            Trouble.WRONG_ISSUER,
            Trouble.WRONG_AUDIENCE,
            Trouble.EXPIRED,
            Trouble.LONG_AGO,
        ),
    ),
    (Words("Dans l’identité", "In the identity"), (Trouble.OTHER_SUBJECT, Trouble.NO_IDENTIFIER)),
    (
        Words("Au renouvellement d’une session", "When a session is renewed"),
        (Trouble.REFRESH_REFUSED, Trouble.REFRESH_OTHER, Trouble.REFRESH_DOWN),
    ),
)
"""The order of the page. Every trouble stands in one of them."""

ACCESS: Final = (timedelta(minutes=2), timedelta(seconds=10))
REFRESH: Final = (timedelta(minutes=30), timedelta(minutes=2), timedelta(seconds=20), timedelta(0))
SESSION: Final = (timedelta(hours=4), timedelta(minutes=15), timedelta(minutes=6), timedelta(minutes=1))
IDLE: Final = (timedelta(minutes=30), timedelta(minutes=6), timedelta(minutes=1))
"""The lifetimes to choose from; the first is the real one."""


def span(time: timedelta, language: str) -> str:
    """``4 h``, ``30 min``, ``10 s``; of zero, that there is none."""
    seconds = int(time.total_seconds())
    if not seconds:
        return "none" if language == "en" else "aucun"
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def differences(conditions: Conditions, language: str) -> list[str]:
    """What is not as usual, in short: for the notice on every page."""
    normal = Conditions()
    said = []
    if conditions.trouble is not Trouble.NONE:
        said.append(TROUBLES[conditions.trouble].of(language))
    if conditions.acr is not Acr.OWN:
        said.append(f"acr{_colon(language)} {ACR[conditions.acr].of(language)}")
    if conditions.means is not Means.OWN:
        said.append(MEANS[conditions.means].of(language))
    if conditions.profession is not Profession.OWN:
        said.append(PROFESSION[conditions.profession].of(language))
    if conditions.places is not Places.OWN:
        name = "places of work" if language == "en" else "lieux d’exercice"
        said.append(f"{name}{_colon(language)} {PLACES[conditions.places].of(language).lower()}")
    if conditions.userinfo is not Userinfo.JSON:
        said.append(USERINFO[conditions.userinfo].of(language))
    if conditions.lifetimes != normal.lifetimes:
        said.append("other lifetimes" if language == "en" else "autres durées")
    return said


def _colon(language: str) -> str:
    return ":" if language == "en" else " :"
