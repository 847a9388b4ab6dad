"""Asks the same of the person under other names, and of the person as another gender: are people treated alike?"""
