// Command gatehouse is the gateway: it serves a supergraph, shows how it plans operations, and checks what it is given.
//
//	go run ./cmd/gatehouse demo
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := newRoot().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "gatehouse:", err)
		os.Exit(1)
	}
}

// newRoot returns the command with all its verbs.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "gatehouse",
		Short:         "A GraphQL federation gateway",
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate(versionLine())
	root.AddCommand(newServe(), newDemo(), newPlan(), newAccess(), newToken(), newKeys(), newVerify(), newCheck(), newVersion())
	return root
}
