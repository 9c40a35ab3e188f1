"""What each stage works in: directories, parameters, threads, and files that appear whole or not at all."""
