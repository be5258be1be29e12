# Attachments of a case.

attachments-title = Attachments
attachments-none = Nothing is attached.
attachments-add = Attach a document or a picture
attachments-name = Title
attachments-name-hint = What it shows: “First report”, “Chest CT”. Never the patient’s name.
attachments-file = File
attachments-file-hint = PDF, PNG, JPEG, TIFF or WebP, at most 20 MB and 50 pages. Cover the patient’s identity first: the expert will see the pages.
attachments-not-added = Nothing was attached
attachments-send = Attach
attachments-remove = Delete this attachment
attachments-kind-pdf = PDF
attachments-kind-picture = Picture
attachments-pages =
    { $count ->
        [one] 1 page
       *[other] { $count } pages
    }
attachments-page-alt = { $title }, page { $page } of { $count }
done-attachment-added = Attached. Only pictures of its pages are kept.
done-attachment-removed = Attachment deleted.

error-attachment-missing = No file was chosen. Choose the document to attach.
error-attachment-unreadable = This file could not be read: it is neither a PDF nor a PNG, JPEG, TIFF or WebP picture, or it is damaged. Open it on your computer, export it as PDF and try again.
error-attachment-locked = This PDF is protected by a password, so it cannot be shown. Save a copy without a password and attach that.
error-attachment-pages = This document has more than { $limit } pages. Attach only those that serve the question.
error-attachment-pixels = This picture has more than { $limit } million pixels. Make it smaller, or add it as a slide.
error-attachment-too-heavy = Showing this file takes too much computing. Print it to PDF on your computer, and attach that PDF.
error-attachment-too-large = This file is larger than { $limit } MB. Make it smaller, or attach it in several parts.
error-attachment-too-many = This case has { $limit } attachments already. Delete those that serve no more.

audit-detail-attachment = Attachment
audit-detail-page = Page
audit-detail-pages = Pages
