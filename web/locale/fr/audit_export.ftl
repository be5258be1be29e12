# « telepath audit export » : un dossier qu’une personne extérieure peut vérifier.

command-audit-exported = { $records ->
    [one] { $records } enregistrement exporté
   *[other] { $records } enregistrements exportés
} ({ $megabytes } Mo), { $trees ->
    [one] { $trees } arbre
   *[other] { $trees } arbres
}, { $checkpoints ->
    [one] { $checkpoints } tête signée.
   *[other] { $checkpoints } têtes signées.
}
command-audit-export-digest = Empreinte de l’ensemble (SHA-256 de manifest.note) : { $digest }
command-audit-export-key = Clé de vérification, à transmettre par une autre voie : { $key }
command-audit-export-bad = CET EXPORT N’EST PAS ACCEPTÉ par son propre programme de vérification : { $problem }. Lancez « telepath audit verify » et prévenez le responsable de la sécurité.

error-audit-export-target-exists = Le dossier de l’export existe déjà. Indiquez le nom d’un nouveau dossier.
error-audit-export-write = L’export n’a pas pu être écrit ; rien n’en a été gardé. Vérifiez la place sur le disque et le droit d’y écrire.
error-audit-export-refused = Cet export n’est pas accepté par son propre programme de vérification : { $problem }. Il ne vous est pas remis. Lancez la vérification du journal et prévenez le responsable de la sécurité.
error-audit-export-year = Le journal n’a pas d’arbre { $year }.
error-audit-export-empty = Aucun enregistrement ne correspond à cette demande.
error-audit-export-checkpoint = Une des têtes données n’est pas signée par ce journal.
error-audit-export-case-where = Indiquez aussi l’établissement du dossier (--institution, numéro FINESS).
error-audit-export-institution = Aucun établissement n’a le numéro FINESS { $institution }.
