"""The identities that ship: each folder is an unpacked CHARX."""
