package main

import (
	"archive/zip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"
)

// appendTo writes a compressed entry as it is.
func (e *entry) appendTo(archive *zip.Writer) error {
	header, err := zip.FileInfoHeader(reproducible{e.info})
	if err != nil {
		return err
	}
	const version, utf8Name, sizesFollow = 20, 1 << 11, 1 << 3
	header.Name = e.name
	header.Method = zip.Deflate
	header.CRC32 = e.checksum
	header.UncompressedSize64 = uint64(e.size)
	header.CompressedSize64 = uint64(e.packed.size)
	header.ReaderVersion = version
	header.CreatorVersion |= version
	header.Flags = sizesFollow // the only form in which archive/zip has room for 4 GiB and more
	if utf8.ValidString(e.name) {
		header.Flags |= utf8Name // otherwise the bytes are taken as they are
	}
	raw, err := archive.CreateRaw(header)
	if err != nil {
		return err
	}
	_, err = e.packed.WriteTo(raw)
	return err
}

// reproducible hides what differs between two checkouts of one tree.
type reproducible struct{ fs.FileInfo }

func (reproducible) ModTime() time.Time {
	return time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC) // the first that a zip can hold
}

func (r reproducible) Mode() fs.FileMode {
	switch mode := r.FileInfo.Mode(); {
	case mode.Type() == fs.ModeSymlink:
		return fs.ModeSymlink | 0o777
	case mode&0o111 != 0:
		return 0o755
	default:
		return 0o644
	}
}

// file is what the archive and the spools need of an *os.File.
type file interface {
	io.ReadWriteSeeker
	io.Closer
	Sync() error
}

func createFile(path string) (file, error) { return os.Create(path) }

// partialName is where an archive goes that was interrupted.
func partialName(out string) string {
	extension := filepath.Ext(out)
	return strings.TrimSuffix(out, extension) + ".partial" + extension
}
