# Ce que l’expert demande de plus avant de répondre.

material-title = Complément demandé
material-stopped = Le délai est suspendu
material-stopped-since = depuis le { $time }
material-stopped-requester = { $name } a besoin de ce qui suit pour répondre. Le délai ne court plus tant que vous n’avez pas répondu à tout.
material-stopped-expert = Le délai ne court plus tant que le demandeur n’a pas répondu. Vous pouvez continuer à rédiger ; pour signer tout de suite, renoncez au complément.
material-asked-by = Demandé par { $name }
material-answered-by = { $name }
material-came = { $count ->
    [one] Lame ajoutée depuis : { $slides }
   *[other] Lames ajoutées depuis : { $slides }
}
material-none-came = Aucune lame n’a été ajoutée depuis. S’il en faut, ajoutez-la d’abord au dossier.
material-answer-title = Répondre
material-answer-send = Envoyer la réponse
material-withdraw = Renoncer à ce complément
material-ask-title = Demander un complément
material-ask-hint = Le délai est suspendu jusqu’à la réponse du demandeur.
material-ask-kind = Ce qu’il vous faut
material-ask = Demander et suspendre le délai
material-earlier = { $count ->
    [one] 1 complément déjà demandé
   *[other] { $count } compléments déjà demandés
}
material-not-asked = Le complément n’a pas été demandé
material-not-answered = La réponse n’a pas été envoyée

error-material-gone = Cet élément n’est plus attendu : la page montre ce qui l’est encore.
error-signing-stopped = L’avis ne peut pas être signé : ce qui a été demandé au demandeur manque encore, et le délai est suspendu. Attendez sa réponse, ou renoncez au complément ; le texte est gardé.
error-material-by-expert = Ce qui manque se demande par l’expert, dont vous contresignez le texte : renvoyez-le-lui en disant ce qu’il faut.

material-recut = Recoupes
material-ihc = Immunohistochimie
material-molecular = Biologie moléculaire
material-slides = Autres lames
material-clinical = Renseignements cliniques
material-answer-provided = Fourni
material-answer-impossible = Impossible
material-answer-withdrawn = L’expert y renonce

field-material-text = Précisez : bloc, marqueur, lame, question
field-answer-text = Votre réponse
field-material-answer = Complément

done-material-asked = Le complément est demandé. Le délai est suspendu.
done-material-answered = Votre réponse est envoyée.
done-consult-resumed = Il n’y a plus rien en attente : le délai court de nouveau.

notices-consult-suspended = Un complément est nécessaire pour répondre à votre demande d’avis : le délai est suspendu.
notices-consult-resumed = Plus rien n’est attendu du demandeur pour un avis : le délai court de nouveau.

moment-material-recut = Recoupes demandées, délai suspendu
moment-material-ihc = Immunohistochimie demandée, délai suspendu
moment-material-molecular = Biologie moléculaire demandée, délai suspendu
moment-material-slides = Autres lames demandées, délai suspendu
moment-material-clinical = Renseignements cliniques demandés, délai suspendu
moment-material-provided = Complément fourni
moment-material-impossible = Complément impossible
moment-material-withdrawn = Complément abandonné par l’expert

audit-kind-consult-material-answered = Réponse à une demande de complément
audit-detail-material = Complément
audit-detail-material-kind = Complément demandé
audit-detail-material-answer = Réponse au complément
audit-detail-due-at = Échéance
