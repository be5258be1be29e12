# The auditor's screens: the questions, the state of the log, what is taken along.

audit-questions = Les douze questions
audit-question-slide = Qui a vu cette lame ?
audit-about-slide = Quelles zones, à quels grossissements, quand, d’où et à quel titre.
audit-question-person = Qu’a vu cette personne ?
audit-about-person = Tout ce qu’elle a consulté sur 30 jours, ou sur une autre période.
audit-question-refusals = Quels accès ont été refusés ?
audit-about-refusals = À une personne ou à toutes, quand et pourquoi.
audit-question-opinion = Qu’est-ce qui a changé dans cet avis ?
audit-about-opinion = Chaque version, par qui, ce qui était écrit avant, avant ou après la signature.
audit-question-rights = Qui a donné ou retiré des droits ?
audit-about-rights = À qui, sur quoi, pourquoi et jusqu’à quand.
audit-question-break-glass = Qui est passé outre en urgence ?
audit-about-break-glass = Chaque accès d’urgence, le motif donné et l’examen qui a suivi.
audit-question-links = Quels liens de partage ont existé ?
audit-about-links = Créés par qui, ouverts par qui, expirés ou retirés quand.
audit-question-exports = Qu’est-ce qui est sorti du service ?
audit-about-exports = Exports, comptes rendus, téléchargements, extraits, sauvegardes.
audit-question-privileged = Qu’a fait l’administration ?
audit-about-privileged = Les accès de l’administration et des auditeurs, les clés et les réglages changés.
audit-question-integrity = Le journal est-il complet et intact ?
audit-about-integrity = Depuis quelle signature, et qui d’autre en détient une copie.
audit-question-erasures = Qu’est-ce qui a été effacé, et pourquoi ?
audit-about-erasures = Ce qui a été effacé pour de bon, par qui, pour quel motif.
audit-question-clock = L’heure inscrite est-elle juste ?
audit-about-clock = D’où vient l’heure, et l’écart mesuré.
audit-question-records = Tout le journal
audit-about-records = Chaque enregistrement que votre établissement peut connaître, du plus récent au plus ancien.
audit-records-open = Ouvrir le journal

audit-later-break-glass = Cette version n’ouvre aucun accès d’urgence : il ne peut y en avoir aucun. Ils paraîtront ici dès qu’ils existeront.
audit-later-links = Cette version ne crée aucun lien de partage : il ne peut y en avoir aucun. Ils paraîtront ici dès qu’ils existeront.
audit-needs-person = Indiquez une personne
audit-needs-case = Indiquez un dossier

audit-chain-now = À cet instant
audit-chain-live = signé
audit-chain-late = signature en retard
audit-chain-new = pas encore signé
audit-chain-more = Qui détient les copies, et vérifier une signature
audit-window = Une signature part au plus tard toutes les { $seconds } secondes. Seul ce qui vient d’arriver, depuis moins de { $seconds } secondes, n’est pas encore détenu au dehors.
audit-check-never = jamais vérifié
audit-check-never-why = Personne n’a encore demandé la vérification du journal.
audit-copies = { $count ->
    [one] { $count } copie au dehors
   *[other] { $count } copies au dehors
}
audit-copies-none = aucune copie au dehors
audit-copies-none-why = Personne d’autre ne détient de signature : une réécriture complète du journal ne se verrait pas. L’administrateur règle TELEPATH_AUDIT_ANCHORS.
audit-copies-not-yet = Les dépôts extérieurs n’ont encore rien accusé reçu.
audit-copies-held = La plus récente couvre { $size ->
    [one] { $size } enregistrement
   *[other] { $size } enregistrements
} sur { $sealed }.
audit-gap-title = Des enregistrements manquent
audit-gap = Un dépôt extérieur ({ $anchor }) détient la signature de { $signed } enregistrements de { $tree } ; le journal en présente { $present }.

audit-holders = Qui détient une copie
audit-holders-about = Chacun garde les signatures hors d’ici : même avec le mot de passe de la base, nul ne peut plus changer ce qu’elles couvrent sans que cela se voie.
audit-holder = Dépôt
audit-holder-records = Jusqu’à l’enregistrement
audit-holder-since = Reçu le
audit-holder-state = État
audit-holder-good = à jour
audit-holder-waiting = rien reçu encore
audit-holder-behind = { $count ->
    [one] { $count } enregistrement de retard
   *[other] { $count } enregistrements de retard
}
audit-holder-trouble = { $count ->
    [one] injoignable, { $count } essai
   *[other] injoignable, { $count } essais
}
audit-compare = Vérifier une signature que vous avez gardée
audit-compare-about = Collez le texte entier, de la première ligne à la dernière. Il est comparé aussitôt au journal.
audit-compare-do = Comparer
audit-field-note = Signature gardée
audit-compared-good = Le journal contient toujours ce que cette signature couvre
audit-compared-bad = Cette signature ne s’accorde pas au journal
audit-compared-same = Signature authentique. Les { $size } premiers enregistrements de { $tree } sont bien ceux qu’elle couvre ; le journal en compte { $present } aujourd’hui.
audit-compared-false = Ce texte ne porte pas de signature valable de ce service : il a été abîmé en chemin, ou n’a pas été écrit ici.
audit-compared-unknown = Signature authentique, mais le journal n’a pas d’année nommée { $tree } : elle a été retirée, ou n’a jamais été ici.
audit-compared-missing = Signature authentique de { $size } enregistrements de { $tree }, mais le journal n’en a que { $present } : il en manque à la fin.
audit-compared-differs = Signature authentique, mais les { $size } premiers enregistrements de { $tree } ne sont plus ceux qu’elle couvre : ils ont été changés depuis.
audit-trees = Les années du journal
audit-tree = Année
audit-tree-records = Enregistrements
audit-tree-first = Premier rang
audit-tree-opened = Ouverte le
audit-tree-signed = Dernière signature
audit-tree-signed-size = sur { $size }
audit-note-newest = Dernière signature, à garder
audit-note-keep = Copiez ce texte hors d’ici (un courriel à vous-même suffit). Collé plus haut un autre jour, il dira si le journal a été changé entre-temps.
audit-key = Clé de vérification
audit-key-about = À transmettre à qui doit vérifier nos signatures et nos exports. Elle n’est pas secrète.

audit-problem-checkpoint-false = Une signature du journal n’est pas authentique ({ $why }).
audit-problem-tree-missing = Une signature couvre { $signed } enregistrements de { $origin }, que le journal n’a pas.
audit-problem-two-heads = Deux signatures différentes couvrent les mêmes { $signed } premiers enregistrements de { $tree } : l’histoire a été récrite.
audit-problem-records-missing = { $tree } : { $signed } enregistrements ont été signés, { $present } sont présents.
audit-problem-tree-altered = { $tree } : ce que la base garde de l’arbre ne s’accorde pas à ses { $records } enregistrements.
audit-problem-record-missing = L’enregistrement { $seq } manque ; après lui vient le { $next }.
audit-problem-record-altered = L’enregistrement { $seq } a été changé : son empreinte n’est plus la sienne.
audit-problem-head-differs = { $tree } : entre les enregistrements { $first } et { $last }, quelque chose a été changé depuis la signature.
audit-problem-record-unreadable = L’enregistrement { $seq } ne se lit plus.
audit-problem-copy-altered = L’enregistrement { $seq } : ce que la base en montre n’est pas ce qu’il dit.

audit-field-acts = Montrer
audit-field-number = Numéro de dossier
audit-field-action = Action
audit-field-checkpoint = Signature
audit-field-opinion = Avis
audit-field-slide = Lame
audit-acts-seen = ce qui a été vu
audit-acts-all = tous les actes
audit-erased = effacé

audit-exports = Emporter
audit-exports-about = Le tableau s’ouvre dans un tableur, heures en UTC. L’export vérifiable contient les enregistrements scellés du dossier, de la personne et de la période choisis, avec de quoi les vérifier sans ce service. L’un et l’autre sont inscrits au journal.
audit-export-csv = Tableau (CSV)
audit-export-zip = Export vérifiable (ZIP)

audit-gist-access-refused = { $action } : { $reason }
audit-gist-clock-measured = { $source }, écart estimé { $error_ms } ms
audit-gist-key-changed = { $name }
audit-gist-setting-changed = { $name }
audit-gist-right-given = à { $subject } : { $rights } ({ $basis })
audit-gist-right-limited = { $subject } : { $rights } ({ $basis })
audit-gist-right-withdrawn = { $subject } : { $rights } ({ $basis })
audit-gist-slide-regions = { $tiles ->
    [one] { $tiles } vue partielle
   *[other] { $tiles } vues partielles
}, niveaux { $levels }
audit-gist-subject-erased = { $because }

audit-right-view = consulter
audit-right-annotate = annoter
audit-right-discuss = discuter
audit-right-present = présenter
audit-right-answer = répondre
audit-right-manage = gérer
audit-reason-no-role = aucun rôle ne le permet
audit-reason-no-grant = aucun droit donné
audit-reason-expired = droit expiré
audit-action-case-view = ouvrir le dossier
audit-action-case-list = lister les dossiers
audit-action-case-create = créer un dossier
audit-action-case-edit = modifier le dossier
audit-action-slide-view = voir la lame
audit-action-annotation-write = annoter
audit-action-thread-read = lire les messages
audit-action-thread-write = écrire un message
audit-action-consult-request = demander un avis
audit-action-consult-view = voir la demande d’avis
audit-action-consult-manage = gérer la demande d’avis
audit-action-consult-answer = répondre à la demande d’avis
audit-action-room-open = ouvrir une séance
audit-action-room-join = rejoindre la séance
audit-action-room-present = présenter en séance
audit-action-audit-read = lire la traçabilité

audit-extract = Extrait « qui a vu mes données »
audit-extract-about = Pour la personne dont c’est le dossier : à imprimer, en mots simples.
audit-extract-open = Préparer l’extrait
audit-mine = Ma propre trace
