# Ce que le dossier dit du diagnostic, des circonstances et de l’information du patient.

field-diagnosis = Premier diagnostic
field-gross = Macroscopie
field-circumstances = Circonstances

cases-diagnosis-title = Le diagnostic
cases-diagnosis-hint = Le vôtre, même provisoire. L’expert le compare au sien ; en lecture en aveugle, il ne le voit qu’après.
cases-gross-hint = Taille, aspect, nombre de fragments, blocs prélevés.
cases-codings-hint = Un code par ligne, précédé de son système : ADICAP, CIM-O, CIM-10, SNOMED CT. Un code suffit pour qu’un réseau national soit proposé.
cases-circumstances-title = Circonstances qui comptent pour la lecture
cases-circumstances-hint = Certaines font proposer un réseau national.
cases-sealed = Vous lisez en aveugle : le premier diagnostic et la macroscopie s’affichent quand vous aurez consigné votre avis.
cases-slide-section = Niveau { $section }
cases-slide-describe = Compléter
field-stain = Coloration
field-block = Bloc
field-section = Niveau de coupe
done-slide-described = Lame complétée.

non-opposition-title = Information du patient
non-opposition-informed = Informé, ne s’oppose pas
non-opposition-refused = S’oppose à ce que son dossier soit montré
non-opposition-unknown = Personne n’a encore noté que le patient est informé de cette demande d’avis et ne s’y oppose pas.
non-opposition-noted = Noté par { $name }
non-opposition-refused-text = Aucune demande d’avis, aucun partage et aucune invitation ne partent de ce dossier. Les demandes déjà envoyées continuent : annulez-les si le patient s’y oppose aussi.
non-opposition-choose = Noter ce que dit le patient
non-opposition-change = Modifier
non-opposition-legend = Le patient
non-opposition-save = Noter
field-non-opposition = Le patient
done-non-opposition-noted = C’est noté dans le dossier.

error-patient-refused = Le patient s’oppose à ce que son dossier soit montré : rien n’a été envoyé. S’il a changé d’avis, son équipe le note dans le dossier, sous « Information du patient ».

audit-field-proposed-diagnosis = Premier diagnostic
audit-field-gross-description = Macroscopie
audit-field-codings = Codes
audit-field-circumstances = Circonstances
audit-field-non-opposition = Information du patient
audit-field-stain = Coloration
audit-field-block = Bloc
audit-field-section = Niveau de coupe
