"""Dresses the bust: cloth cut from the body, collars, lapels, straps; glasses and hats."""
