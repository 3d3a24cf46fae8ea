"""The format (NPKI): names, VID, key files, PKCS#12, folders, and the check of what one imports.

Pure functions over bytes: no clock, no chance, no database.
"""
