# La liste de travail : onglets, recherche, filtres enregistrés, raccourcis du clavier.

worklist-tabs = Onglets de la liste
view-mine = Vue d’ensemble
view-to-answer = À traiter
view-waiting = En attente
view-late = En retard
view-signed = Signés
view-institution = Mon établissement
view-all = Tout l’établissement

worklist-search = Numéro, titre, organe ou nom
worklist-search-short = Numéro, titre, nom
worklist-search-do = Chercher
worklist-search-all = Tout afficher
worklist-filters = Filtrer et trier
worklist-any = Indifférent
worklist-by-urgency = Urgence
worklist-by-kind = Nature
worklist-by-network = Réseau
worklist-by-organ = Organe
worklist-by-role = Mon rôle
worklist-by-sort = Ordre
sort-due = Échéance la plus proche
sort-asked = Demande la plus récente
sort-ended = Réponse la plus récente
sort-number = Numéro du dossier

worklist-saved = Filtres enregistrés
worklist-saved-remove = Supprimer le filtre { $name }
worklist-save-as = Garder cette recherche sous le nom
worklist-save = Enregistrer
error-filter-taken = Vous avez déjà un filtre du nom de « { $name } ». Choisissez un autre nom.
error-filters-full = Vous avez déjà { $limit } filtres. Supprimez-en un pour en garder un autre.

worklist-requester = Demandeur
worklist-expert = Expert
worklist-ended = Annulé
worklist-stopped = Délai suspendu
worklist-stopped-why = L’expert a demandé un complément : le délai reprend quand il l’a reçu.
worklist-more = Afficher les { $count }
worklist-pages = Pages de la liste
worklist-first = Première page
worklist-next = Page suivante
worklist-none-found = Aucune demande ne correspond
worklist-none-found-text = Retirez un filtre, ou cherchez sous un autre onglet.
worklist-none-mine = Aucune demande
worklist-none-to-answer = Rien n’attend votre action
worklist-none-waiting = Aucune réponse attendue
worklist-none-late = Aucune échéance dépassée
worklist-none-signed = Rien de signé depuis trente jours
worklist-none-institution = Aucune demande en cours dans votre établissement
worklist-none-all = Votre établissement n’a encore rien demandé

entry-requested = Accepté
entry-cancelled = Annulé
entry-material-asked = Complément demandé
entry-awaiting-material = Complément attendu
entry-to-countersign = À contresigner

list-keys-title = Raccourcis du clavier
list-keys-move = ligne suivante, ligne précédente
list-keys-open = ouvrir la demande
list-keys-search = chercher
list-keys-on = Utiliser les raccourcis d’une seule touche, ici et sur les lames

field-filter-name = Nom du filtre
field-q = Recherche
done-filter-saved = Filtre enregistré.
done-filter-removed = Filtre supprimé.

reading-expert = Expert
reading-co-reader = Co-lecteur
reading-countersigner = Contresignataire
reading-third = Troisième lecture (L3)
