"""The form: a claim on the CMS-1500 (02/12), as characters on a grid and as a page to read."""
