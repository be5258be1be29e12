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
audit-compared-title-good = Le journal contient toujours ce que cette signature couvre
audit-compared-title-bad = Cette signature ne s’accorde pas au journal
audit-compared-title-retired = Les enregistrements que cette signature couvre ont été retirés
audit-compared-same = Signature authentique. Les { $size } premiers enregistrements de { $tree } sont bien ceux qu’elle couvre ; le journal en compte { $present } aujourd’hui.
audit-compared-false = Ce texte ne porte pas de signature valable de ce service : il a été abîmé en chemin, ou n’a pas été écrit ici.
audit-compared-unknown = Signature authentique, mais le journal n’a pas d’année nommée { $tree } : elle a été retirée, ou n’a jamais été ici.
audit-compared-missing = Signature authentique de { $size } enregistrements de { $tree }, mais le journal n’en a que { $present } : il en manque à la fin.
audit-compared-differs = Signature authentique, mais les { $size } premiers enregistrements de { $tree } ne sont plus ceux qu’elle couvre : ils ont été changés depuis.
audit-compared-retired = Signature authentique de { $size } enregistrements de { $tree }. Ils ont été retirés à la fin de leur durée de conservation et ne peuvent plus être comparés. Le journal garde seulement la fin de cet arbre : { $present } enregistrements.
audit-compared-retired-same = Signature authentique. Les enregistrements de { $tree } ont été retirés à la fin de leur durée de conservation ; le journal en garde la fin, { $present } enregistrements, et c’est bien ce que cette signature couvre.
audit-compared-retired-differs = Signature authentique. Les enregistrements de { $tree } ont été retirés à la fin de leur durée de conservation ; le journal en garde la fin, { $present } enregistrements, mais ce n’est pas ce que cette signature couvre.
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
audit-problem-tree-retired-early = { $tree } : ses enregistrements ont été supprimés { $years ->
    [0] alors qu’ils doivent être gardés toujours.
    [one] avant un an.
   *[other] avant { $years } ans.
}
audit-problem-record-foreign = Un enregistrement { $seq } a été introduit : le journal n’a pas ce numéro.
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
audit-exports-about = Le tableau s’ouvre dans un tableur, heures en UTC. L’export vérifiable contient les enregistrements scellés de cette réponse, avec de quoi les vérifier sans ce service. L’un et l’autre sont inscrits au journal.
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
audit-gist-slide-warmed-regions = { $tiles ->
    [one] { $tiles } vue partielle
   *[other] { $tiles } vues partielles
}, niveaux { $levels }
audit-gist-subject-erased = { $reason }

audit-right-view = consulter
audit-right-annotate = annoter
audit-right-discuss = discuter
audit-right-present = présenter
audit-right-answer = répondre
audit-reason-no-role = aucun rôle ne le permet
audit-reason-no-expert = sans le rôle d’expert
audit-reason-emergency = session ouverte par un code de secours
audit-reason-other-institution = demandé au titre d’un autre établissement
audit-reason-no-grant = aucun droit donné
audit-reason-expired = droit expiré
audit-reason-other-site = depuis un autre site
audit-reason-silent = plus aucun signe de la connexion
audit-reason-not-silent = la connexion a de nouveau donné signe
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
audit-action-consult-accept = accepter la demande d’avis
audit-action-consult-answer = répondre à la demande d’avis
audit-action-room-open = ouvrir une séance
audit-action-room-join = rejoindre la séance
audit-action-room-present = présenter en séance
audit-action-audit-read = lire la traçabilité
audit-action-request-send = agir dans une session ouverte
audit-action-socket-open = ouvrir une liaison en direct dans une session ouverte

audit-extract = Extrait « qui a vu mes données »
audit-extract-about = Pour la personne dont c’est le dossier : à imprimer, en mots simples.
audit-extract-open = Préparer l’extrait
audit-mine = Ma propre trace
audit-slide-which = Quelle lame de ce dossier ?
audit-slide-needs-why = Son numéro, puis la lame ; ou directement l’identifiant d’une lame.
audit-slide-gone = Lame qui n’est plus là
audit-slide-picture = Les zones de la lame qui ont été vues ; le tableau voisin dit par qui
audit-slide-caption = Chaque cadre est une zone envoyée à l’écran d’une personne ; son numéro est dans le tableau.
audit-slide-no-regions = Aucune zone n’a encore été envoyée à un écran.
audit-slide-people = Qui a vu la lame
audit-slide-newest = Les enregistrements les plus récents seulement : restreignez la période pour les autres.
audit-first-last = Première et dernière fois
audit-openings = Ouvertures
audit-levels = Ce qui a été envoyé
audit-level = niveau { $level }
audit-levels-none = la page seule, aucune zone
audit-levels-seen = niveaux { $finest } à { $coarsest }, { $tiles ->
    [one] { $tiles } vue partielle
   *[other] { $tiles } vues partielles
}
audit-boxes = Zones
audit-box = niveau { $level } : x { $x }, y { $y }, { $width } × { $height } px
audit-opinion-needs-why = Son numéro, ou l’identifiant d’une demande d’avis.
audit-opinion-none = Aucune demande d’avis
audit-opinion-of = Demande du { $when }
audit-opinion-unsigned = Rien n’est signé encore.
audit-version-opinion = Avis signé
audit-version-addendum = Complément { $number }
audit-version-compared = Souligné : ce qui est nouveau depuis la version précédente. Barré : ce qui n’y est plus.
audit-verdict-same = identique à ce qui a été signé
audit-verdict-altered = changé depuis la signature
audit-verdict-absent = absent du journal
audit-verdict-altered-why = L’empreinte du texte enregistré n’est pas celle que le journal garde depuis la signature.
audit-verdict-absent-why = Le journal ne garde aucune signature de ce texte.
audit-text-conclusion = Conclusion
audit-text-description = Description
audit-text-remarks = Remarques
audit-text-codings = Codes
audit-digests = Empreintes
audit-digest-stored = Du texte enregistré
audit-digest-logged = Au journal depuis la signature
audit-digest-none = aucune
audit-after-signature = Depuis la signature
audit-before-signature = Jusqu’à la signature
audit-extract-title = Qui a vu les données du dossier { $number }
audit-extract-lead = Chaque personne qui a vu quelque chose de ce dossier ou y a écrit, d’après le journal des accès de { $institution }.
audit-extract-made = Établi le { $when } par { $who }.
audit-extract-what = Ce qui a été fait
audit-extract-why = Pourquoi
audit-extract-when = Combien de fois, quand
audit-extract-times = { $count ->
    [one] { $count } fois
   *[other] { $count } fois
}
audit-extract-from = du
audit-extract-to = au
audit-extract-none = Personne n’a encore ouvert ce dossier
audit-extract-read = Comment lire cet extrait
audit-extract-explained = Le numéro du dossier ne contient pas votre nom : seul votre établissement sait qu’il s’agit de vous. Un accès refusé n’a rien montré à personne et n’est pas compté.
audit-extract-rights = Si un accès vous surprend, demandez des explications à votre établissement ; vous pouvez aussi saisir son délégué à la protection des données, puis la CNIL.
audit-extract-source = Tiré de { $records } enregistrements du journal, jusqu’au rang { $newest }.
audit-extract-head = Dernière signature du journal : { $when }.
audit-extract-print = Cette page s’imprime telle quelle, sans les menus.
audit-plain-file = a consulté ou tenu le dossier
audit-plain-slides = a regardé les lames
audit-plain-ahead = son navigateur a reçu des parties de lames à l’avance
audit-plain-marked = a annoté une lame
audit-plain-discussed = a pris part à une discussion
audit-plain-asked = a demandé un avis ou répondu à la demande
audit-plain-answered = a rédigé ou signé un avis
audit-plain-report = a imprimé ou envoyé le compte rendu
audit-plain-shared = a utilisé un lien de partage
audit-plain-emergency = a ouvert le dossier en urgence
audit-plain-checked = a contrôlé le dossier et les accès qui y ont été faits
audit-plain-because-institution = travaille dans l’établissement qui tient ce dossier
audit-plain-because-consult = un avis lui a été demandé
audit-plain-because-offer = un avis lui a été proposé
audit-plain-because-room = participait à une séance sur ce dossier
audit-plain-because-link = avait reçu un lien de partage
audit-plain-because-break-glass = urgence, motif inscrit
audit-plain-because-other = motif inscrit au journal
audit-mine-lead = Tout ce que le journal garde de vous, tel qu’un auditeur le verrait. Cette page n’est ouverte qu’à vous ; l’ouvrir est inscrit.
audit-mine-all = Tout
audit-mine-seen = Ce que j’ai vu
audit-mine-done = Ce que j’ai fait
audit-mine-refused = Ce qui m’a été refusé
audit-mine-sessions = Mes sessions
audit-mine-none-why = Rien de tel n’est inscrit sur cette période.
audit-file = tracabilite
audit-file-cut = Tableau interrompu : votre droit ou votre session a pris fin. Les enregistrements plus anciens manquent.
error-audit-many-people = { $count } personnes portent ce nom : tapez-en davantage, par exemple le prénom et le nom.
audit-column-sequence = Rang
audit-column-at = Heure UTC
audit-column-kind = Code
audit-column-what = Action
audit-column-outcome = Résultat
audit-column-who = Personne
audit-column-place = Établissement
audit-column-roles = Rôles
audit-column-object-kind = Nature de l’objet
audit-column-object = Objet
audit-column-case = Dossier
audit-column-why = À quel titre
audit-column-acr = Niveau d’identification
audit-column-session = Session
audit-column-address = Adresse
audit-column-details = Détail
audit-gist-audit-read = { $question }
audit-gist-audit-exported = { $format }
audit-question-index = Page d’accueil de la traçabilité
audit-question-case = Un dossier
audit-question-mine = Sa propre trace
nav-mine = Voir ma propre trace
audit-gap-differs-title = Des enregistrements ont été récrits
audit-gap-differs = Un dépôt extérieur ({ $anchor }) détient la signature de { $signed } enregistrements de { $tree } ; le journal en a { $present }, mais ce ne sont pas les mêmes.
audit-gap-found = Constaté le { $when }.
audit-unheld = Le plus ancien enregistrement que personne ne détient encore est arrivé { $when }.
audit-holder-folder = dossier d’une autre machine
audit-holder-mail = boîte à lettres
audit-holder-witness = témoin
audit-holder-bucket = espace S3 verrouillé
audit-holder-former = n’est plus dans les réglages
audit-holder-every = au plus toutes les { $time }
audit-object-setting = réglage
audit-object-tree = année du journal
audit-object-key = clé
audit-extract-link = Qui a vu ce dossier
