# Slides: what kept one from being added or shown, and the words of the command line.

error-slide-unreadable = This slide is damaged: it could not be read.
error-slide-incomplete = The file of this slide is incomplete: the copy or the upload was cut short. Send it again.
error-slide-empty = The file of this slide is empty: the upload did not go through. Send it again.
error-slide-companion-missing = One of the files that make this slide is missing. Send the whole folder.
error-slide-unsupported = This file is not a digital slide in a supported format.
error-slide-samples = The pixels of this slide ({ $format }) are of a kind that the service cannot show. Export it as OME-TIFF of 8 or 16 bits, and send that file.
error-picture-request =
    { $what ->
        [region] The region asked for is not on the slide, or is not written as IIIF says. Correct it: x,y,width,height in pixels.
        [size] The size asked for is not possible: at most 2048 pixels, and never larger than the region without “^”.
        [rotation] Only rotations of 0, 90, 180 and 270 degrees are possible.
       *[other] This quality or format of a picture is not possible: ask for “default.jpg”.
    }
error-slide-part = This file is one part of a slide ({ $format }) that lies in several files. Export it as a single OME-TIFF file, and send that file.
error-slide-time = This file is a film: it shows the same place at several instants. Export a single instant, as OME-TIFF, and send that file.
error-slide-vsi = This slide is in the VSI format (Olympus, Evident), which the service cannot read. In the scanner’s software, export it as OME-TIFF, pyramidal TIFF or DICOM, and send that file.
error-slide-isyntax = This slide is in the iSyntax format (Philips), which the service cannot read. In the Philips system, export it as TIFF or DICOM, and send that file.
error-slide-format = This slide is in the { $format } format, which the service cannot read. In the scanner’s software, export it as OME-TIFF, pyramidal TIFF or DICOM, and send that file.
error-slide-picture = This file ({ $format }) is a picture or a document, not a digital slide. Send the scanner’s file, or attach this one to the case as a document.
error-slide-archive = This file is an archive ({ $format }). Unpack it, and send the slide that it holds.
error-slide-several = This folder holds { $count } slides. Name the one to add.
error-slide-forbidden = This slide is refused: its file breaks the safety limits.
error-slide-reference-outside = This slide is refused: it refers to a file outside its folder.
error-slide-file-name = This slide is refused: the name of one of its files is not accepted.
error-slide-withheld-data = This slide is refused: its pictures reach into the label or other protected data.
error-slide-limit =
    { $what ->
        [pixels] This slide is refused: its declared size is beyond what a scanner makes.
        [levels] This slide is refused: its levels are not plausible.
        [tile] This slide is refused: the size of its tiles is not accepted.
        [tiles] This slide is refused: the number of its tiles does not match its size.
        [directories] This slide is refused: the inner structure of its file is abnormal.
        [files] This folder holds too many files.
       *[other] This slide is refused: it passes a safety limit.
    }
error-slide-file-absent = This file does not exist, or the service cannot reach it.
error-tile-unreadable = This part of the slide is unreadable.
