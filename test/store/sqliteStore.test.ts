import { sqliteBed } from "./sqliteBed.ts";
import { storeContract } from "./storeContract.ts";

storeContract("SQLite", sqliteBed);
