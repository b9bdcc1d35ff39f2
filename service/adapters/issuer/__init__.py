"""One issuer of tokens (OpenID Connect): its documents, its keys, what its tokens say."""
