// A citizen's app that is seldom on the network, in Kotlin (Android), with java.net and org.json alone.
//
// The same four things as report.js, with the same requests. `store` keeps what survives the app (SharedPreferences);
// an IOException says that there is no network, and everything may be called again. Call it off the main thread.

import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL
import java.security.SecureRandom
import java.util.Base64
import org.json.JSONArray
import org.json.JSONObject

const val PART = 256 * 1024

interface Store {
    fun get(name: String): String?
    fun set(name: String, value: String?)
}

class Answer(val status: Int, private val headers: Map<String?, List<String>>, val text: String) {
    val ok get() = status in 200..299
    val json get() = JSONObject(text)
    fun header(name: String) = headers.entries.firstOrNull { it.key.equals(name, ignoreCase = true) }?.value?.first()
}

class City(private val url: String, private val token: String, private val store: Store) {
    private var queued
        get() = JSONArray(store.get("queue") ?: "[]")
        set(value) = store.set("queue", value.toString())

    /** The key is made with the report, and goes wherever the report goes. */
    fun queue(report: JSONObject): String {
        val key = keyOfNow()
        queued = queued.put(JSONObject().put("key", key).put("report", report))
        return key
    }

    /** Sends what waits, the oldest first; returns receipts, and problems of what was refused. */
    fun send(): List<JSONObject> {
        val done = mutableListOf<JSONObject>()
        while (queued.length() > 0) {
            val waiting = queued.getJSONObject(0)
            // request: send
            val answer = call("POST", "/v1/feedback", mapOf(
                "Content-Type" to "application/json",
                "Idempotency-Key" to waiting.getString("key"),
            ), waiting.getJSONObject("report").toString().toByteArray())
            if (answer.status >= 500 || answer.status == 429) throw IOException("later: ${answer.status}")
            done += answer.json
            queued = queued.also { it.remove(0) }
        }
        return done
    }

    /** A picture in parts; after a break it goes on where the city has stopped. Returns the path of the attachment. */
    fun attach(report: String, bytes: ByteArray, name: String): String {
        val kept = "upload $report $name"
        var at = store.get(kept)
        var offset = 0
        if (at != null) {
            // request: resume
            val there = call("HEAD", at /* /v1/uploads/{upload} */, mapOf("Tus-Resumable" to "1.0.0"))
            there.header("Content-Location")?.let { // only its answer was lost
                store.set(kept, null)
                return it
            }
            if (there.ok) offset = there.header("Upload-Offset")!!.toInt() else at = null
        }
        if (at == null) {
            val word = { value: String -> Base64.getEncoder().encodeToString(value.toByteArray()) }
            // request: begin
            val begun = call("POST", "/v1/uploads", mapOf(
                "Tus-Resumable" to "1.0.0",
                "Upload-Length" to "${bytes.size}",
                "Upload-Metadata" to "report ${word(report)},purpose ${word("before")}",
            ))
            if (!begun.ok) throw IOException(begun.json.getString("detail"))
            at = begun.header("Location")!!
            store.set(kept, at)
        }
        while (true) {
            // request: part
            val part = call("PATCH", at /* /v1/uploads/{upload} */, mapOf(
                "Content-Type" to "application/offset+octet-stream",
                "Tus-Resumable" to "1.0.0",
                "Upload-Offset" to "$offset",
            ), bytes.copyOfRange(offset, minOf(offset + PART, bytes.size)))
            if (!part.ok) throw IOException(part.json.getString("detail"))
            offset = part.header("Upload-Offset")!!.toInt()
            part.header("Content-Location")?.let {
                store.set(kept, null)
                return it
            }
        }
    }

    /** What has changed of the own reports since the last time: a copy of the list, by code. */
    fun follow(): JSONObject {
        while (true) {
            val list = JSONObject(store.get("list") ?: "{}")
            val since = list.optString("since", "start")
            val kept = list.optJSONObject("kept") ?: JSONObject()
            val tag = list.optString("tag")
            // request: follow
            val answer = call("GET", "/v1/feedback?mine=true&view=brief&since=$since",
                if (tag.isEmpty()) mapOf() else mapOf("If-None-Match" to tag))
            if (answer.status == 304) return kept
            if (answer.status == 410) {
                store.set("list", null)
                continue
            }
            if (!answer.ok) throw IOException("later: ${answer.status}")
            val page = answer.json
            page.getJSONArray("brief").let { all ->
                for (i in 0 until all.length()) all.getJSONObject(i).let { kept.put(it.getString("code"), it) }
            }
            page.getJSONArray("gone").let { all -> for (i in 0 until all.length()) kept.remove(all.getString(i)) }
            val next = JSONObject().put("since", page.getString("since")).put("kept", kept)
            if (page.getString("since") == since) next.put("tag", answer.header("ETag"))
            store.set("list", next.toString())
            if (!page.getBoolean("more")) return kept
        }
    }

    private fun call(method: String, path: String, headers: Map<String, String>, body: ByteArray? = null): Answer {
        val connection = URL(url + path).openConnection() as HttpURLConnection
        if (method == "PATCH") allowPatch(connection) else connection.requestMethod = method
        val own = mapOf("Authorization" to "Bearer $token", "X-Client" to "city-app/1.0.0")
        (own + headers).forEach { (name, value) -> connection.setRequestProperty(name, value) }
        if (body != null || method == "POST") {
            connection.doOutput = true
            connection.outputStream.use { it.write(body ?: ByteArray(0)) }
        }
        val status = connection.responseCode
        val stream = if (status < 400) connection.inputStream else connection.errorStream
        val text = stream?.use { it.readBytes().decodeToString() } ?: ""
        return Answer(status, connection.headerFields, text)
    }

    /** Android's own connection takes PATCH; the one of the JDK does not, and is told by the header of tus. */
    private fun allowPatch(connection: HttpURLConnection) = try {
        connection.requestMethod = "PATCH"
    } catch (_: java.net.ProtocolException) {
        throw IOException("use another HTTP client outside Android")
    }
}

/** A UUID of version 7: it says when it was made. */
fun keyOfNow(): String {
    val time = "%012x".format(System.currentTimeMillis())
    val random = SecureRandom()
    val some = { length: Int -> (1..length).joinToString("") { "%x".format(random.nextInt(16)) } }
    return "${time.take(8)}-${time.drop(8)}-7${some(3)}-8${some(3)}-${some(12)}"
}
