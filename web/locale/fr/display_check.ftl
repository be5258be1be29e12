# La vérification de l’écran : page et script.
display-check-title = Vérifier cet écran
display-check-lead = Une minute de lettres à peine visibles, dans les teintes de l’hématoxyline et de l’éosine, sur cet écran et dans cette lumière. Rien n’empêche de lire des lames sans elle.
display-check-how = Douze lettres se suivent, cinq secondes chacune au plus. Tapez la lettre que vous voyez, ou la barre d’espace si vous n’en voyez aucune. Les plus pâles sont à la limite de ce que l’œil distingue : personne ne les lit toutes.
display-check-start = Commencer
display-check-again = Recommencer
display-check-trial = Lettres à reconnaître
display-check-progress = Lettres passées
display-check-letter = Une lettre à peine différente de son fond
display-check-letters = Répondre
display-check-nothing = Je ne vois rien
display-check-no-script = Cette vérification demande JavaScript.
display-check-good = { $seen } lettres lues sur { $trials } : cet écran montre les petites différences de teinte.
display-check-good-advice = Rien à changer.
display-check-fair = { $seen } lettres lues sur { $trials } : une partie des petites différences de teinte échappe.
display-check-fair-advice = Baissez la lumière de la pièce ou tournez l’écran, coupez le mode nuit, puis recommencez.
display-check-poor =
    { $seen ->
        [one] { $seen } lettre lue
       *[other] { $seen } lettres lues
    } sur { $trials } : les petites différences de teinte ne se voient pas ici.
display-check-poor-advice = Coupez le mode nuit et les modes « vif » ou « économie » de l’écran, montez sa luminosité, puis recommencez ; sinon, préférez un autre écran pour les nuances fines.
display-check-kept = Résultat gardé avec la date ; votre prochain avis signé le dira.
display-check-not-kept = Le résultat n’a pas pu être gardé. Recommencez quand le lien fonctionne.
display-check-screen = Ce que l’on sait de cet écran
display-check-size = { NUMBER($width, useGrouping: 0) } × { NUMBER($height, useGrouping: 0) } pixels ; au moins deux millions sont conseillés
display-check-zoom = Échelle d’affichage { $zoom } % ; à 100 % ou 200 %, chaque pixel de la lame tombe sur un pixel de l’écran
display-check-gamut-srgb = Gamme de couleurs : sRGB
display-check-gamut-p3 = Gamme de couleurs : large (P3) ; les lames s’affichent en sRGB
display-check-gamut-rec2020 = Gamme de couleurs : très large (Rec. 2020) ; les lames s’affichent en sRGB
display-check-gamut-unknown = Gamme de couleurs inconnue, ou moindre que sRGB
display-check-depth = { $bits } bits par pixel ; 24 ou plus sont conseillés
display-check-night = Coupez le mode nuit ou « confort des yeux » : il jaunit les lames.
display-check-srgb = Choisissez le mode sRGB de l’écran s’il en a un, et une luminosité d’au moins 300 cd/m².
display-check-light = Pas de fenêtre ni de lampe qui se reflète dans l’écran.
display-check-clean = Un écran d’au moins 24 pouces, propre, allumé depuis un quart d’heure.
display-check-last =
    Dernière vérification : { $at }, { $seen ->
        [one] { $seen } lettre lue
       *[other] { $seen } lettres lues
    } sur { $trials }.
display-check-limits = Cette vérification ne mesure ni la résolution, ni la luminance, ni l’étalonnage de l’écran. Le résultat est gardé avec votre nom, la date et ce que le navigateur dit de l’écran.
display-check-link = Vérifier cet écran (60 secondes)
