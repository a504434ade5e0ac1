// Package secret holds secrets: where a configuration says that they are, and the bytes, which print as "[redacted]".
package secret

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// maxFile is how large the file of a secret may be, in bytes.
const maxFile = 64 << 10

const redacted = "[redacted]"

// Source is where a secret comes from, as configurations write it: {"env": "NAME"} or {"file": "path"}. It holds no
// secret itself.
type Source struct {
	// Env is the name of an environment variable.
	Env string `json:"env"`
	// File is the path of a file. One line break at its end is not part of the secret.
	File string `json:"file"`
	// Encoding is how the bytes are written: "utf8" (also when it is ""), "base64" (either alphabet, padded or not) or
	// "hex".
	Encoding string `json:"encoding"`
}

// IsZero tells whether s was not given at all.
func (s Source) IsZero() bool { return s == Source{} }

// Check calls report for everything that is wrong with s, with the path of the member within s. It looks at no variable
// and no file.
func (s Source) Check(report func(path, problem string)) {
	switch {
	case s.Env == "" && s.File == "":
		report("", `must say where the secret is: {"env": "NAME"} or {"file": "path"}`)
	case s.Env != "" && s.File != "":
		report("", `must have "env" or "file", not both`)
	}
	switch s.Encoding {
	case "", "utf8", "base64", "hex":
	default:
		report("encoding", `must be "utf8", "base64" or "hex"`)
	}
}

// Below returns s with its file relative to dir, unless the path is absolute or there is none.
func (s Source) Below(dir string) Source {
	if s.File != "" && !filepath.IsAbs(s.File) {
		s.File = filepath.Join(dir, s.File)
	}
	return s
}

// Read returns the secret, which is never empty. The error names the source and nothing of the secret.
func (s Source) Read() (Value, error) {
	text, name, err := s.text()
	if err != nil {
		return Value{}, err
	}
	decoded, err := decode(text, s.Encoding)
	switch {
	case err != nil:
		return Value{}, fmt.Errorf("%s is not %s", name, s.Encoding)
	case len(decoded) == 0:
		return Value{}, fmt.Errorf("%s is empty", name)
	}
	return Of(decoded), nil
}

// text returns what the source holds, and how to speak of the source.
func (s Source) text() (text, name string, err error) {
	if s.Env != "" {
		name = "the environment variable " + s.Env
		text, ok := os.LookupEnv(s.Env)
		if !ok {
			return "", name, fmt.Errorf("%s is not set", name)
		}
		return text, name, nil
	}
	name = "the file " + s.File
	f, err := os.Open(s.File)
	if err != nil {
		return "", name, fmt.Errorf("reading a secret: %w", err)
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return "", name, fmt.Errorf("reading a secret: %w", err)
	case len(raw) > maxFile:
		return "", name, fmt.Errorf("%s is longer than %d bytes", name, maxFile)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r"), name, nil
}

// decode decodes a secret. Its errors are not for anyone to read: they may hold a part of it.
func decode(text, encoding string) ([]byte, error) {
	switch encoding {
	case "", "utf8":
		return []byte(text), nil
	case "base64":
		text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
		return base64.RawStdEncoding.Strict().DecodeString(text)
	case "hex":
		return hex.DecodeString(text)
	}
	return nil, errors.New("unknown encoding")
}

// Value is a secret. However it is printed, marshalled or logged, also as a part of something else, it says
// "[redacted]" or an address. The zero Value is empty.
type Value struct {
	// reveal is a function since fmt, which calls no methods of hidden fields and for a wrong verb follows even pointers,
	// can show nothing of one but its address.
	reveal func() []byte
}

// Of returns b as a secret. It keeps b, which must not change afterwards.
func Of(b []byte) Value { return Value{func() []byte { return b }} }

// Bytes returns the secret; the caller must not change it.
func (v Value) Bytes() []byte {
	if v.reveal == nil {
		return nil
	}
	return v.reveal()
}

// Format implements fmt.Formatter for every verb.
func (v Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String implements fmt.Stringer.
func (v Value) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (v Value) GoString() string { return redacted }

// MarshalText implements encoding.TextMarshaler, which encoding/json uses, too.
func (v Value) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (v Value) LogValue() slog.Value { return slog.StringValue(redacted) }
