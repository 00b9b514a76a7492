package sqlite_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"footpath/store/meta"
	"footpath/store/meta/metatest"
	"footpath/store/meta/sqlite"
)

func open(dir string) (meta.Store, error) { return sqlite.Open(filepath.Join(dir, "meta.db")) }

// direct changes the file as somebody with a shell would.
func direct(dir, text string, args ...any) error {
	db, err := sql.Open("sqlite", filepath.Join(dir, "meta.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(text, args...)
	return err
}

func TestContract(t *testing.T) {
	metatest.Run(t, metatest.Engine{Open: open, Tamper: func(dir string, id int64, detail string) error {
		if detail == "" {
			return direct(dir, "DELETE FROM audit WHERE id = ?", id)
		}
		return direct(dir, "UPDATE audit SET detail = ? WHERE id = ?", detail, id)
	}})
}

func TestFileIsPrivateAndDurable(t *testing.T) {
	dir := t.TempDir()
	s, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, name := range []string{"meta.db", "meta.db-wal"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	dir := t.TempDir()
	s, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := direct(dir, "INSERT INTO version VALUES (999)"); err != nil {
		t.Fatal(err)
	}
	if s, err := open(dir); err == nil {
		t.Fatal("opened", s.Close())
	}
}

// Deleted users must not stay readable in the file.
func TestDeletedIsOverwritten(t *testing.T) {
	dir := t.TempDir()
	s, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	marker := "marker-7f3a9c51e2d84b06@example.org"
	if err := s.CreateUser(t.Context(), meta.User{ID: "u1", Name: marker, Role: meta.RoleViewer, Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteUser(t.Context(), "u1"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "meta.db"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte(marker)) {
		t.Fatal("the deleted name is still in the file")
	}
}
