"""Invented professionals whom the simulator knows in the tests of logins."""

from auth.simulator import Activity, Identity

INES = Identity(
    subject_name_id="899700421003",
    given_name="Inès",
    family_name="Flamboyant",
    finess="0D0000017",
    institution_name="Hôpital de l’Estuaire, Cayenne",
)
HUGO = Identity(
    subject_name_id="899700421029",
    given_name="Hugo",
    family_name="Beffroi",
    finess="0L0000033",
    institution_name="Hôpital du Beffroi, Lille",
    other_activities=(Activity(finess="0B0000041", institution_name="Hôpital des Ajoncs, Rennes"),),
)
UNKNOWN = Identity(
    subject_name_id="899700499999",
    given_name="Personne",
    family_name="Inconnue",
    finess="0L0000033",
    institution_name="Hôpital du Beffroi, Lille",
)
HOMELESS = Identity(
    subject_name_id="899700488888",
    given_name="Ancien",
    family_name="Membre",
    finess="0L0000033",
    institution_name="Hôpital du Beffroi, Lille",
)
EDITH = Identity(
    subject_name_id="ANS20260311120000",
    given_name="Édith",
    family_name="Essai",
    title="",
    profession="",
    know_how="",
    origin="EDIT",
)
CAMILLE = Identity(
    subject_name_id="500000001815646/CPAT00045",
    given_name="Camille",
    family_name="Accueil",
    title="",
    profession="",
    know_how="",
    origin="CPA",
    institution_name="Hôpital du Beffroi, Lille",
)
