package authz

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
)

// maxKeyBytes is how large a file or an answer with keys may be.
const maxKeyBytes = 1 << 20

// readKeyFile reads a file of keys.
func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxKeyBytes+1))
	if err == nil && len(text) > maxKeyBytes {
		err = fmt.Errorf("%s is longer than %d bytes", path, maxKeyBytes)
	}
	return text, err
}

// parsePEM reads one public key or certificate. A file with more is refused: the certificates of a chain are those of
// authorities, whose keys sign no tokens.
func parsePEM(text []byte) (*keySet, error) {
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, errors.New("there is no PEM block")
	}
	if next, _ := pem.Decode(rest); next != nil {
		return nil, errors.New("there is more than one PEM block: keep the key that signs tokens")
	}
	var public any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(block.Bytes); err == nil {
			public = certificate.PublicKey
		}
	default:
		err = fmt.Errorf("a %q is neither a public key nor a certificate", block.Type)
	}
	if err != nil {
		return nil, err
	}
	k, err := newPublicKey(public)
	if err != nil {
		return nil, err
	}
	return &keySet{keys: []key{k}}, nil
}

// looksPublic tells whether a secret is a text that is known to others: PEM, a public key or certificate in DER, or a JWK or
// a set of them.
func looksPublic(raw []byte) bool {
	_, isKey := x509.ParsePKIXPublicKey(raw)
	_, isCertificate := x509.ParseCertificate(raw)
	if bytes.Contains(raw, []byte("-----BEGIN ")) || isKey == nil || isCertificate == nil {
		return true
	}
	object, err := claims.Parse(raw)
	return err == nil && (object.Member("kty").Exists() || object.Member("keys").Exists())
}
