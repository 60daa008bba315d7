"""Files: downloads by ranges, uploads byte for byte, digests, resumable uploads, presigned URLs."""

CODE = "FILE"
TITLE = "files and ranges"
ORDER = 28
