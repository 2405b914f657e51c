"""Drafts from files (CSV, XLSX, YAML): read, compared with the record row by row, and imported all or none."""
