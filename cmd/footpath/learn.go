package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os/user"
	"slices"
	"time"

	"footpath/internal/config"
	"footpath/privacy/learn"
	"footpath/store/meta"
	"footpath/wire"
)

const learnUsage = `Usage: footpath learn [flags] https://your.site/

Reads your site as a stranger would (no cookies, no login, robots.txt obeyed) and
finds the texts that the public can read. In the strict profile only these leave a
visitor's browser, as numbers; everything else is masked.

Without -project it prints the texts and keeps nothing. With -project it keeps them
as a new version, prints what was added and removed since the approved one, and
ships them only when -approve is given: look at the list first.
`

// learnFlags are the flags of learn.
type learnFlags struct {
	project string
	approve bool
	list    bool
	crawl   learn.Config
}

func (f *learnFlags) register(set *flag.FlagSet) {
	set.StringVar(&f.project, "project", "", "project `key` for which to keep the texts")
	set.BoolVar(&f.approve, "approve", false, "ship the texts: you have read the list")
	set.BoolVar(&f.list, "list", false, "print nothing but the texts, one a line")
	set.IntVar(&f.crawl.MaxPages, "pages", 500, "read at most this many pages")
	set.IntVar(&f.crawl.MaxDepth, "depth", 8, "follow at most this many links from the start")
	set.DurationVar(&f.crawl.MaxTime, "time", 10*time.Minute, "stop after this time")
	set.DurationVar(&f.crawl.Delay, "delay", 100*time.Millisecond, "wait between two requests")
}

func runLearn(ctx context.Context, args []string, s std) error {
	var f learnFlags
	set := flags("learn", learnUsage, s)
	f.register(set)
	cfg, rest, err := load(set, args, s, "data")
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("give the address of your site, such as https://planning.example/")
	}
	if f.approve && f.project == "" {
		return usagef("-approve needs -project: the key of the project whose texts these are")
	}
	f.crawl.Start = rest[0]
	crawler, err := learn.New(f.crawl)
	if err != nil {
		return usagef("%v", err)
	}
	found, err := crawler.Run(ctx)
	if err != nil {
		return err
	}
	if f.project == "" {
		return printFound(s, f.list, found)
	}
	return keepTexts(ctx, cfg, f, found, s)
}

// printFound writes the list and, unless only that is asked for, how it came about.
func printFound(s std, list bool, found learn.Result) error {
	if !list {
		fmt.Fprintf(s.out, "%d texts on %d pages would be public:\n\n", len(found.Texts), len(found.Pages))
	}
	for _, t := range found.Texts {
		fmt.Fprintln(s.out, t)
	}
	if !list {
		printCounts(s, "Left out", found.LeftOut)
		printCounts(s, "Not read", found.Skipped)
	}
	return nil
}

func printCounts(s std, title string, counts map[string]int) {
	if len(counts) == 0 {
		return
	}
	fmt.Fprintf(s.out, "\n%s:\n", title)
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(s.out, "  %5d %s\n", counts[reason], reason)
	}
}

func keepTexts(ctx context.Context, cfg config.Config, f learnFlags, found learn.Result, s std) error {
	store, err := openMeta(cfg)
	if err != nil {
		return err
	}
	defer store.Close()
	key := wire.ProjectKey(f.project)
	if _, err := store.Project(ctx, key); err != nil {
		return projectError(f.project, err)
	}
	before, err := store.LatestTexts(ctx, key)
	if err != nil && !errors.Is(err, meta.ErrNotFound) {
		return fmt.Errorf("read approved texts: %w", err)
	}
	added, removed := learn.Diff(before.Texts, found.Texts)
	for _, t := range removed {
		fmt.Fprintln(s.out, "- "+t)
	}
	for _, t := range added {
		fmt.Fprintln(s.out, "+ "+t)
	}
	set := learn.Set(key, found.Texts, time.Now().UTC(), operator())
	if f.approve {
		set.Approved = set.Created
	}
	if err := putTexts(ctx, store, set); err != nil {
		return err
	}
	printCounts(s, "Left out", found.LeftOut)
	printCounts(s, "Not read", found.Skipped)
	fmt.Fprintf(s.out, "\n%d texts on %d pages, %d new and %d gone; version %s\n", len(set.Texts), len(found.Pages), len(added), len(removed), set.Version)
	if !f.approve {
		fmt.Fprintf(s.out, "Not approved: nothing has changed for visitors. Read the list, then run it again with -approve.\n")
	}
	return nil
}

// putTexts keeps a set and writes down who did it.
func putTexts(ctx context.Context, store meta.Store, set meta.TextSet) error {
	if err := store.PutTexts(ctx, set); err != nil {
		return fmt.Errorf("keep texts: %w", err)
	}
	action := "texts.learn"
	if !set.Approved.IsZero() {
		action = "texts.approve"
	}
	return audit(ctx, store, meta.Audit{User: set.By, Action: action, Project: string(set.Project), Subject: set.Version, Detail: fmt.Sprintf("%d texts", len(set.Texts))})
}

// operator names who works at the console, for the audit.
func operator() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return "console:" + u.Username
	}
	return "console"
}
