"""What leaves a slide's folder: a copy without the patient, made on the fly (README.md). Parsing runs in the sandbox."""
