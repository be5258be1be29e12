# Comment les lames d’un avis ont été montrées à son auteur : sous l’avis et sur le compte rendu.
shown-title = Conditions d’affichage
shown-slide = { $slide } : { $how }
shown-unsaid = couleurs non précisées par la visionneuse
shown-colours-icc = couleurs corrigées (profil ICC { $profile } → sRGB)
shown-colours-off = couleurs non corrigées au choix du lecteur (profil ICC { $profile })
shown-colours-failed = profil ICC { $profile } non appliqué par le navigateur
shown-colours-none = sans profil de couleur applicable, couleurs telles quelles
shown-colours-channels = fluorescence, une couleur choisie par canal
shown-quality-native = image d’origine
shown-quality-reduced = qualité réduite (lien lent)
shown-quality-native-reduced = image d’origine, par moments en qualité réduite (lien lent)
shown-display =
    Écran : vérification du { $at }, { $seen ->
        [one] { $seen } lettre lue
       *[other] { $seen } lettres lues
    } sur { $trials }, jusqu’à un écart ΔE00 de { NUMBER($faintest, maximumFractionDigits: 1) }
shown-display-blind =
    Écran : vérification du { $at }, { $seen ->
        [one] { $seen } lettre lue
       *[other] { $seen } lettres lues
    } sur { $trials }
shown-display-none = Écran : aucune vérification faite
