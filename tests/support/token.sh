#!/bin/bash
# token.sh - signs JSON web tokens as GitHub does for its jobs (RS256), with a key of the tests' own.
#
#   token.sh make DIR KID             make DIR/KID.key, and DIR/KID.jwks, the key set that shows its public half
#   token.sh sign DIR KID CLAIMS      print a token with these claims, a JSON object
#   token.sh sign-none CLAIMS         print one that nobody has signed
set -eu

url64() {
    basenc --base64url -w 0 | tr -d '='
}

case ${1:-} in
make)
    openssl genrsa -out "$2/$3.key" 2048 2>/dev/null
    modulus=$(openssl rsa -in "$2/$3.key" -noout -modulus | sed 's/^Modulus=//' | basenc -d --base16 | url64)
    printf '{"keys":[{"kty":"RSA","alg":"RS256","use":"sig","kid":"%s","n":"%s","e":"AQAB"}]}\n' "$3" "$modulus" \
        >"$2/$3.jwks"
    ;;
sign)
    signed=$(printf '{"typ":"JWT","alg":"RS256","kid":"%s"}' "$3" | url64).$(printf %s "$4" | url64)
    printf '%s.%s' "$signed" "$(printf %s "$signed" | openssl dgst -sha256 -sign "$2/$3.key" | url64)"
    ;;
sign-none)
    printf '%s.%s.' "$(printf '{"typ":"JWT","alg":"none"}' | url64)" "$(printf %s "$2" | url64)"
    ;;
*)
    echo "usage: token.sh make DIR KID | sign DIR KID CLAIMS | sign-none CLAIMS" >&2
    exit 2
    ;;
esac
