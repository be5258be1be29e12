# L’identité du patient d’un dossier : INS, traits, statut. Elle n’apparaît que sur ses propres pages.

patients-title = Identité du patient
patients-known = L’identité est enregistrée, chiffrée et à part. Chaque consultation est inscrite au journal.
patients-unknown = Aucune identité n’est enregistrée pour ce dossier. Elle est facultative : le numéro du dossier suffit pour demander un avis.
patients-unknown-shared = L’établissement demandeur n’a pas enregistré l’identité du patient.
patients-empty = Pas d’identité enregistrée
patients-show = Afficher l’identité
patients-enter = Saisir l’identité
patients-edit = Modifier
patients-recorded = Cette consultation est inscrite au journal.
patients-changed = Dernière modification :
patients-traits = Traits d’identité
patients-trust = Statut et identité nationale de santé
patients-ins = Identité nationale de santé (INS)
patients-no-ins = Pas d’INS : seules une identité récupérée ou qualifiée en porte une.
patients-oid-number = OID
patients-oid-nir = NIR, identité définitive
patients-oid-nia = NIA, identité d’attente
patients-oid-nir-test = NIR de test
patients-oid-nir-demo = NIR de démonstration
patients-no-oid = Pas d’INS
patients-fictive = Patient fictif
patients-day = { $day }/{ $month }/{ $year }
patients-choose = Choisir
patients-sex-f = Féminin
patients-sex-m = Masculin
patients-sex-i = Indéterminé
patients-status-provisional = Provisoire
patients-status-recovered = Récupérée
patients-status-validated = Validée
patients-status-qualified = Qualifiée
patients-status-hint-provisional = déclarée, sans pièce d’identité ni téléservice INSi.
patients-status-hint-recovered = reçue du téléservice INSi, sans pièce d’identité.
patients-status-hint-validated = contrôlée sur une pièce d’identité, sans téléservice INSi.
patients-status-hint-qualified = reçue du téléservice INSi et contrôlée sur une pièce d’identité.

patients-siblings = Autres dossiers de ce patient
patients-siblings-count = { $count ->
    [one] Le même patient a un autre dossier ici :
   *[other] Le même patient a { $count } autres dossiers ici :
}
patients-siblings-none = Aucun autre dossier de cet établissement ne porte cette INS.
patients-siblings-unknown = Sans INS, les autres dossiers du même patient ne peuvent pas être retrouvés.
patients-shared-with = { $count ->
    [one] Le même patient a un autre dossier ici : ce que vous enregistrez vaut aussi pour lui. Si vous changez ou enlevez l’INS, ce dossier seul est séparé des autres.
   *[other] Le même patient a { $count } autres dossiers ici : ce que vous enregistrez vaut aussi pour eux. Si vous changez ou enlevez l’INS, ce dossier seul est séparé des autres.
}

patients-form-title = Qui est le patient ?
patients-form-lead = Lue par les soignants de votre établissement, et par l’expert si vous le choisissez en demandant un avis. Personne d’autre ne la voit.
patients-birth-name-hint = Celui de l’acte de naissance. Majuscules et accents sont rendus uniformes à l’enregistrement.
patients-given-names-hint = Tous, dans l’ordre, séparés par des espaces.
patients-birth-place-hint = Code INSEE de la commune, ou du pays (99…), à cinq caractères ; 99999 s’il est inconnu. Nécessaire avec une INS.
patients-matricule-hint = Quinze caractères, clé comprise, tels que le téléservice INSi les donne.
patients-save = Enregistrer
patients-not-saved = L’identité n’a pas été enregistrée
patients-remove-title = Retirer l’identité de ce dossier
patients-remove-hint = Si elle est celle d’un autre patient. Ce qui n’appartient plus à aucun dossier est détruit, sans retour possible.
patients-remove = Retirer l’identité
done-patient-changed = Identité enregistrée.
done-patient-removed = Identité retirée de ce dossier.

patients-share = L’expert voit l’identité du patient
patients-share-hint = Sinon il ne connaît que le numéro du dossier. Il la voit une fois la demande acceptée, aussi longtemps que le dossier, et chaque consultation est inscrite au journal.
patients-shared = Identité du patient
patients-shared-yes = visible par l’expert
patients-shared-no = non communiquée

field-birth-name = Nom de naissance
field-given-names = Prénoms de naissance
field-used-name = Nom utilisé
field-used-given-name = Prénom utilisé
field-birth-date = Date de naissance
field-sex = Sexe
field-birth-place = Lieu de naissance
field-status = Statut de l’identité
field-matricule = Matricule INS
field-oid = Nature de l’INS

error-patient-matricule-form = Ce matricule n’a pas la forme d’une INS : quinze caractères, des chiffres (et A ou B pour la Corse). Recopiez-le avec sa clé.
error-patient-matricule-key = La clé (les deux derniers chiffres) ne correspond pas à ce matricule : un caractère est faux. Vérifiez-le.
error-patient-name = Le champ « { $field } » contient autre chose que des lettres, des espaces, des traits d’union et des apostrophes. Retirez-le.
error-patient-date = La date de naissance n’existe pas. Donnez l’année, le mois et le jour ; si le jour est inconnu, le premier du mois.
error-patient-date-impossible = La date de naissance est dans l’avenir, ou trop ancienne. Vérifiez-la.
error-patient-place = Le lieu de naissance est un code INSEE à cinq caractères, pas un nom de ville : par exemple 75056, 2A004 ou 99134.
error-patient-ins-needs = Une identité récupérée ou qualifiée vient du téléservice INSi : il manque « { $field } ». Complétez-le, ou choisissez un autre statut.
error-patient-ins-too-much = Une identité provisoire ou validée ne porte pas d’INS. Retirez le matricule, ou choisissez le statut récupérée ou qualifiée.
error-patient-other-traits = Cette INS est déjà celle d’un patient de votre établissement, dont les traits sont différents. Interrogez de nouveau le téléservice INSi, puis corrigez la saisie ici ou dans l’autre dossier.

audit-detail-shows-identity = Identité du patient montrée à l’expert
