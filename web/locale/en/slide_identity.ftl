# What a slide’s label and files say of the patient, the copy that does not say it, and the scale that is entered by hand.

identity-link = Label and identity
identity-title = Label and identity: { $slide }
identity-recorded = That you look at this is recorded.
identity-before = On the glass
identity-before-hint = Label and overview as the scanner photographed them. Nobody outside your institution is shown them.
identity-picture-label = Label
identity-picture-macro = Overview of the glass
identity-no-picture-label = This file has no photograph of the label.
identity-no-picture-macro = This file has no overview.
identity-after = What others see
identity-after-hint = This label is drawn instead: pseudonym of the case, block, stain, FINESS number.
identity-drawn = Drawn label
identity-found = What identifies in the files, and what a copy keeps of it
identity-found-hint =
    { $count ->
        [one] One place was found when the slide came in. What was written there is recorded nowhere.
       *[other] { $count } places were found when the slide came in. What was written there is recorded nowhere.
    }
identity-kept = A copy keeps the pixels as they are, the scale, the objective and the colours. Dates and times of scanning, names of files and serial numbers are removed. A name written by hand on the glass, within what was scanned, stays visible.
identity-nothing = Nothing in the files of this slide identifies anybody.
identity-not-looked = This slide was added before files were looked at. A copy is looked at when it is made.
identity-no-copy = No copy can leave the service.
identity-no-copy-hint = The format of this slide is not known well enough to promise that no name stays in it. Export it as DICOM or OME-TIFF from the scanner’s software.
identity-copy = Download a copy without the identity
identity-what = Kind
identity-where = Place
identity-done = In a copy
identity-kind-patient = Patient
identity-kind-birth-date = Date of birth
identity-kind-identifier = Number of an examination or specimen
identity-kind-barcode = Barcode
identity-kind-label = Photograph of the label
identity-kind-macro = Overview of the glass
identity-kind-picture = Another picture that came with it
identity-kind-person = Person
identity-kind-place = Institution
identity-kind-device = Device
identity-kind-file-name = File name
identity-kind-date = Date or time
identity-kind-uid = Unique identifier
identity-kind-private = Manufacturer’s own field
identity-kind-text = Free text
identity-kind-leftover = Forgotten bytes in the file
identity-deed-blanked = Blanked
identity-deed-replaced = Replaced
identity-deed-removed = Removed
identity-deed-left-out = Left out
identity-deed-renamed = Renamed
error-slide-copy-unknown = The format of this slide is not known well enough to promise that no name stays in it: no copy of it is made. Export it as DICOM or OME-TIFF from the scanner’s software.

field-mpp = Scale (µm per pixel)
cases-scale-hint = That of the scanner, for example 0.25; or the objective, for example ×40.
cases-scale-missing = The file gives no believable scale: no scale bar, and no measurement in µm.
cases-scale-offered = The file says “{ $text }”, with a comma: check it before you save it.
cases-scale-entered = Scale entered by { $name }
cases-scale-save = Save the scale
cases-scale-withdraw = Back to what the file says
error-slide-scale = This scale is not possible. Enter µm per pixel between 0.05 and 20, for example 0.25, or an objective: ×2.5, ×5, ×10, ×20 or ×40.
done-slide-scale = Scale saved.
command-slide-exported =
    { $files ->
        [one] Copy without the identity written: { $target } ({ $bytes } bytes, { $removed } places blanked or replaced).
       *[other] Copy without the identity written: { $target } ({ $files } files, { $bytes } bytes, { $removed } places blanked or replaced).
    }
command-slide-reread = Slide { $slide } read again: { $changed }.
command-slide-not-reread = Slide { $slide } not read again: { $why }
command-slide-levels-kept = Its levels would be others today: they stay as registered, with their index.
reread-nothing = nothing new
reread-facts = what the file says of it
reread-colours = colour table
reread-thumbnail = small picture
reread-findings = where it names the patient
reread-index = tile index
