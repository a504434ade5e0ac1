package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

// verifyFlags are what the verb verify is asked.
type verifyFlags struct {
	secret, key   secretFlags
	keyID         string
	subgraph      string
	sessionPrefix string
	extensionName string
	at            string
	skew          time.Duration
}

// newVerify returns the verb verify.
func newVerify() *cobra.Command {
	var f verifyFlags
	f.secret.encoding, f.key.encoding = "utf8", "base64"
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Explain why a captured request to a subgraph does or does not verify",
		Long: "Explain why a captured request to a subgraph does or does not verify: both signatures, whichever the request has.\n" +
			"Standard input is the HTTP request: request line, headers, an empty line, body. For the message signature it prints what\n" +
			"each check of docs/signing.md finds, the signature base, and, where the signature does not hold, what would have to be\n" +
			"different for it to hold. For the extension signature it prints the canonical text.\n\n" +
			"The secret is the gateway's, from which the subgraph's key is derived; or give the derived key. No secret is printed; what\n" +
			"the request says about its caller is. Nobody remembers nonces here. The exit status is 0 when all signatures hold.",
		Example: "  gatehouse verify --secret-env SUBGRAPH_HMAC_SECRET --subgraph reviews < request.http\n" +
			"  gatehouse verify --key-env SUBGRAPH_HMAC_KEY --at 2026-11-25T12:00:00Z < request.http",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := visible{cmd.OutOrStdout()}
			r, body, err := readCaptured(cmd.InOrStdin(), out)
			if err != nil {
				return err
			}
			return f.verify(out, r, body)
		},
	}
	f.secret.addTo(cmd, "secret", "the gateway's secret")
	f.key.addTo(cmd, "key", "the subgraph's own key, in place of the secret")
	cmd.Flags().StringVar(&f.keyID, "key-id", "", "`id` of the key (default: what the request names)")
	cmd.Flags().StringVar(&f.subgraph, "subgraph", "", "`name` of the subgraph that verifies (default: what the request names)")
	cmd.Flags().StringVar(&f.sessionPrefix, "session-prefix", "x-session-", "`prefix` of session headers")
	cmd.Flags().StringVar(&f.extensionName, "extension-name", "hmac-signature", "`name` of the extension with the extension signature")
	cmd.Flags().StringVar(&f.at, "at", "", "when the request was received, as `time` in RFC 3339 (default: now)")
	cmd.Flags().DurationVar(&f.skew, "clock-skew", 5*time.Second, "how far in the future a signature may have been made")
	return cmd
}

// readCaptured reads a request. Lines of the head may end in a line feed alone, as editors leave them, and what follows the
// announced length of the body is left out.
func readCaptured(in io.Reader, out io.Writer) (*http.Request, []byte, error) {
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, nil, err
	}
	end, gap := bytes.Index(text, []byte("\r\n\r\n")), 4
	if lf := bytes.Index(text, []byte("\n\n")); end < 0 || lf >= 0 && lf < end {
		end, gap = lf, 2
	}
	if end < 0 {
		return nil, nil, errors.New("there is no HTTP request: no empty line ends its head")
	}
	// Without a length the reader would look for a body in what is only the head.
	r, err := http.ReadRequest(bufio.NewReader(io.MultiReader(bytes.NewReader(text[:end]), strings.NewReader("\r\n\r\n"))))
	if err != nil {
		return nil, nil, fmt.Errorf("the head is not that of an HTTP request: %w", err)
	}
	body := text[end+gap:]
	switch announced := r.ContentLength; {
	case r.Header.Get("Content-Length") == "" && announced <= 0:
	case int64(len(body)) > announced:
		fmt.Fprintf(out, "note: %d bytes follow the %d that Content-Length announces; they are left out\n\n",
			int64(len(body))-announced, announced)
		body = body[:announced]
	case int64(len(body)) < announced:
		fmt.Fprintf(out, "note: the body has %d bytes, and Content-Length announces %d: the capture is not whole, or was changed\n\n",
			len(body), announced)
	}
	return r, body, nil
}

// verify explains the signatures that the request has.
func (f *verifyFlags) verify(out io.Writer, r *http.Request, body []byte) error {
	if f.secret.given() == f.key.given() {
		return errors.New("give the gateway's secret (--secret-env, --secret-file) or the subgraph's key (--key-env, --key-file)")
	}
	hasMessage := r.Header.Get("Signature-Input") != "" || r.Header.Get("Signature") != ""
	var members, extensions map[string]json.RawMessage // names are exact
	malformed := json.Unmarshal(body, &members)
	if text := members["extensions"]; text != nil && malformed == nil {
		malformed = json.Unmarshal(text, &extensions)
	}
	mac, hasExtension := extensions[f.extensionName]
	var problems []error
	if hasMessage {
		problems = append(problems, f.message(out, r, body))
	}
	if hasExtension {
		if hasMessage {
			fmt.Fprintln(out)
		}
		problems = append(problems, f.extension(out, members["query"], members["variables"], mac))
	}
	if !hasMessage && !hasExtension {
		problems = append(problems, signature.Missing)
		fmt.Fprintf(out, "There is neither a Signature-Input header nor extensions[%q].\n", f.extensionName)
		if malformed != nil {
			fmt.Fprintf(out, "The body is not a GraphQL request: %v\n", malformed)
		}
	}
	return errors.Join(problems...)
}

// message explains the message signature.
func (f *verifyFlags) message(out io.Writer, r *http.Request, body []byte) error {
	fmt.Fprintln(out, "Message signature")
	now := time.Now()
	if f.at != "" {
		var err error
		if now, err = time.Parse(time.RFC3339, f.at); err != nil {
			return fmt.Errorf("--at: %w", err)
		}
	}
	subgraph := cmp.Or(f.subgraph, strings.TrimSpace(r.Header.Get("Graphql-Subgraph")))
	if f.subgraph == "" {
		fmt.Fprintf(out, "note: --subgraph is not given, so the audience is believed to be %q\n", subgraph)
	}
	keys, err := f.keys(subgraph, r.Header["Signature-Input"])
	if err != nil {
		return err
	}
	verifier, err := signature.NewVerifier(signature.VerifierConfig{
		Subgraph: subgraph, Keys: keys, SessionPrefix: f.sessionPrefix, ClockSkew: f.skew, Now: func() time.Time { return now },
	})
	if err != nil {
		return err
	}
	lines, verdict := verifier.Explain(signature.FromRequest(r), body)
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintln(out)
	if verdict != nil {
		fmt.Fprintf(out, "Refused: %v\n", verdict)
		return verdict
	}
	fmt.Fprintln(out, "The message signature holds. A subgraph accepts it once.")
	return nil
}

// What keys are called that are tried beside the right one, since they are what a signer takes by mistake.
const notDerived = "the secret itself, not derived for the subgraph"

// visible shows what would control a terminal: a captured request may be an attacker's.
type visible struct{ io.Writer }

// Write implements io.Writer.
func (v visible) Write(text []byte) (int, error) {
	shown := make([]byte, 0, len(text))
	for _, r := range string(text) {
		if unicode.IsControl(r) && r != '\n' {
			shown = append(shown, strings.Trim(strconv.QuoteRuneToASCII(r), "'")...)
			continue
		}
		shown = utf8.AppendRune(shown, r)
	}
	_, err := v.Writer.Write(shown)
	return len(text), err
}

// keyIDs are the ids that signatures of a request name, whoever made them.
var keyIDs = regexp.MustCompile(`;keyid="([ !#-~]*)"`)

// named returns a key under the id that is given, or else under each that the request names.
func (f *verifyFlags) named(key []byte, inputs []string) ([]*signature.Key, error) {
	ids := []string{f.keyID}
	if f.keyID == "" {
		ids = nil
		for _, match := range keyIDs.FindAllStringSubmatch(strings.Join(inputs, ", "), -1) {
			ids = append(ids, match[1])
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
	}
	if len(ids) == 0 {
		ids = []string{"unnamed"}
	}
	keys := make([]*signature.Key, len(ids))
	for i, id := range ids {
		var err error
		if keys[i], err = signature.NewKey(signature.KeyID(id), key); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// keys returns the key, under its ids, and what a signer may have taken for it.
func (f *verifyFlags) keys(subgraph string, inputs []string) ([]*signature.Key, error) {
	if f.key.given() {
		derived, err := f.key.read()
		if err != nil {
			return nil, err
		}
		return f.named(derived, inputs)
	}
	raw, err := f.secret.read()
	if err != nil {
		return nil, err
	}
	derived, err := signature.Secret{Bytes: raw}.Derive(subgraph)
	if err != nil {
		return nil, err
	}
	keys, err := f.named(derived, inputs)
	if err != nil {
		return nil, err
	}
	itself, err := signature.NewKey(notDerived, raw)
	return append(keys, itself), err
}

// extension explains the extension signature.
func (f *verifyFlags) extension(out io.Writer, query, variables, given json.RawMessage) error {
	fmt.Fprintf(out, "Extension signature, in extensions[%q]\n", f.extensionName)
	if f.key.given() {
		fmt.Fprintln(out, "note: it is made with the secret itself, which is not given; nothing is checked")
		return nil
	}
	secret, err := f.secret.read()
	if err != nil {
		return err
	}
	key, err := signature.NewKey("extension", secret)
	if err != nil {
		return err
	}
	var mac string
	if err := json.Unmarshal(given, &mac); err != nil {
		return errors.New("the signature is not a string")
	}
	text, err := signature.AppendCanonicalRequest(nil, query, variables)
	if err != nil {
		fmt.Fprintf(out, "the canonical text cannot be made: %v\n", err)
		return signature.Invalid
	}
	fmt.Fprintf(out, "\nThe canonical text, %d bytes:\n\n%s\n\n", len(text), text)
	if err := signature.VerifyExtension([]*signature.Key{key}, query, variables, mac); err != nil {
		fmt.Fprintf(out, "Refused: %v\n%s", err, supposeExtension(key, query, variables, mac))
		return err
	}
	fmt.Fprintln(out, "The extension signature holds. It says nothing about who is asking, when, and whom.")
	return nil
}

// supposeExtension looks for a text that a signer may have taken for the canonical one.
func supposeExtension(key *signature.Key, query, variables json.RawMessage, mac string) string {
	var compact bytes.Buffer
	if err := json.Compact(&compact, variables); err != nil {
		compact.Reset()
	}
	for what, text := range map[string]string{
		"without variables":                        `{"query":` + string(query) + `}`,
		"with variables although there are none":   `{"query":` + string(query) + `,"variables":{}}`,
		"with null for variables":                  `{"query":` + string(query) + `,"variables":null}`,
		"with variables as they are, not sorted":   `{"query":` + string(query) + `,"variables":` + string(variables) + `}`,
		"with variables not sorted, without space": `{"query":` + string(query) + `,"variables":` + compact.String() + `}`,
		"of the query alone":                       string(query),
	} {
		if key.VerifyMAC([]byte(text), mac) {
			return "It holds for a text " + what + ".\n"
		}
	}
	return "It holds for none of the texts that are usual mistakes: query or variables are others than were signed, or the secret is.\n"
}
