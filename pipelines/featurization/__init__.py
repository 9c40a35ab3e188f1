"""The features stage: from tables to snapshots, labels, a split and the feature matrix."""
