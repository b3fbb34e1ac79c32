"""Doors for machines that prove themselves by a signature: carriers, mail servers, telephony platforms."""
