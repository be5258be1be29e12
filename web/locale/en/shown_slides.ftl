# How the slides of an opinion were shown to its author: below the opinion, and on the report.
shown-title = How the slides were displayed
shown-slide = { $slide }: { $how }
shown-unsaid = colours not stated by the viewer
shown-colours-icc = colours corrected (ICC profile { $profile } → sRGB)
shown-colours-off = colours not corrected, by the reader’s choice (ICC profile { $profile })
shown-colours-failed = ICC profile { $profile } not applied by the browser
shown-colours-none = no colour profile to apply, colours as they are
shown-colours-channels = fluorescence, one chosen colour for each channel
shown-quality-native = original picture
shown-quality-reduced = reduced quality (slow link)
shown-quality-native-reduced = original picture, at times in reduced quality (slow link)
shown-display = Display: checked on { $at }, { $seen } of { $trials } letters read, down to a difference ΔE00 of { NUMBER($faintest, maximumFractionDigits: 1) }
shown-display-blind = Display: checked on { $at }, { $seen } of { $trials } letters read
shown-display-none = Display: not checked
