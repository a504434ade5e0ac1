package main

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/signature"
)

// secretFlags say where a secret is.
type secretFlags struct{ env, file, encoding string }

// addTo adds the flags, which start with what the secret is for.
func (f *secretFlags) addTo(cmd *cobra.Command, name, what string) {
	cmd.Flags().StringVar(&f.env, name+"-env", "", "`name` of the environment variable with "+what)
	cmd.Flags().StringVar(&f.file, name+"-file", "", "`file` with "+what)
	cmd.Flags().StringVar(&f.encoding, name+"-encoding", f.encoding, "how it is written: utf8, base64 or hex")
}

// given tells whether there is such a secret.
func (f *secretFlags) given() bool { return f.env != "" || f.file != "" }

// read returns the secret, read as the gateway reads it. The error names the flag's variable or file and nothing of the secret.
func (f *secretFlags) read() ([]byte, error) {
	source := secret.Source{Env: f.env, File: f.file, Encoding: f.encoding}
	var problems []error
	source.Check(func(path, problem string) { problems = append(problems, fmt.Errorf("the secret %s", path+problem)) })
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	value, err := source.Read()
	return value.Bytes(), err
}

// newKeys returns the verb keys.
func newKeys() *cobra.Command {
	cmd := &cobra.Command{Use: "keys", Short: "Keys of signed calls"}
	cmd.AddCommand(newDerive())
	return cmd
}

// newDerive returns the verb keys derive.
func newDerive() *cobra.Command {
	var from secretFlags
	var subgraph, encoding string
	from.encoding = "utf8"
	cmd := &cobra.Command{
		Use:   "derive",
		Short: "Print the key of one subgraph, derived from a secret of the gateway",
		Long: "Print the key with which one subgraph verifies message signatures, derived from a secret in the gateway's configuration\n" +
			"(signing.keys). Whoever has the key can speak to this subgraph and to no other. Standard output has the key and nothing\n" +
			"else, 32 bytes in the encoding that is asked for.",
		Example: "  export SUBGRAPH_HMAC_KEY=$(gatehouse keys derive --subgraph reviews --secret-env SUBGRAPH_HMAC_SECRET)",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if subgraph == "" || !from.given() {
				return errors.New("give the subgraph (--subgraph) and the gateway's secret (--secret-env or --secret-file)")
			}
			bytes, err := from.read()
			if err != nil {
				return err
			}
			key, err := signature.Secret{Bytes: bytes}.Derive(subgraph)
			if err != nil {
				return err
			}
			text := base64.StdEncoding.EncodeToString(key)
			switch encoding {
			case "base64":
			case "hex":
				text = hex.EncodeToString(key)
			default:
				return fmt.Errorf("--encoding %q: must be base64 or hex", encoding)
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "the key of subgraph %s, %d bytes in %s:\n", subgraph, len(key), encoding)
			_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
			return err
		},
	}
	from.addTo(cmd, "secret", "the gateway's secret")
	cmd.Flags().StringVar(&subgraph, "subgraph", "", "`name` of the subgraph, as in @join__graph(name:)")
	cmd.Flags().StringVar(&encoding, "encoding", "base64", "how the key is printed: base64 or hex")
	return cmd
}
