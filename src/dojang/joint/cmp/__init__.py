"""Certificate management over HTTP (RFC 4210, 9483): the standard door of the joint CA."""
