// A citizen's app that is seldom on the network, in Swift (iOS), with Foundation alone.
//
// The same four things as report.js, with the same requests. `store` keeps what survives the app (UserDefaults, a
// file); a URLError says that there is no network, and everything may be called again.

import Foundation

let partSize = 256 * 1024

protocol Store: AnyObject {
    func get(_ name: String) -> Any?
    func set(_ name: String, _ value: Any?)
}

struct Refused: Error { let status: Int; let detail: String }

struct Answer {
    let http: HTTPURLResponse
    let data: Data
    var status: Int { http.statusCode }
    var ok: Bool { (200..<300).contains(status) }
    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:] }
    func header(_ name: String) -> String? { http.value(forHTTPHeaderField: name) }
    var refused: Refused { Refused(status: status, detail: json["detail"] as? String ?? "") }
}

final class City {
    private let url: String, token: String, store: Store
    private let session = URLSession(configuration: .ephemeral)

    init(url: String, token: String, store: Store) {
        (self.url, self.token, self.store) = (url, token, store)
    }

    private var queued: [[String: Any]] {
        get { store.get("queue") as? [[String: Any]] ?? [] }
        set { store.set("queue", newValue) }
    }

    /// The key is made with the report, and goes wherever the report goes.
    func queue(_ report: [String: Any]) -> String {
        let key = keyOfNow()
        queued += [["key": key, "report": report]]
        return key
    }

    /// Sends what waits, the oldest first; returns receipts, and problems of what was refused.
    func send() async throws -> [[String: Any]] {
        var done: [[String: Any]] = []
        while let waiting = queued.first {
            let body = try JSONSerialization.data(withJSONObject: waiting["report"]!)
            // request: send
            let answer = try await call("POST", "/v1/feedback", [
                "Content-Type": "application/json",
                "Idempotency-Key": waiting["key"] as! String,
            ], body)
            if answer.status >= 500 || answer.status == 429 { throw answer.refused }
            done.append(answer.json)
            queued.removeFirst()
        }
        return done
    }

    /// A picture in parts; after a break it goes on where the city has stopped. Returns the path of the attachment.
    func attach(_ report: String, _ bytes: Data, name: String) async throws -> String {
        let kept = "upload \(report) \(name)"
        var at = store.get(kept) as? String
        var offset = 0
        if let begun = at {
            // request: resume
            let there = try await call("HEAD", begun /* /v1/uploads/{upload} */, ["Tus-Resumable": "1.0.0"])
            if let done = there.header("Content-Location") { // only its answer was lost
                store.set(kept, nil)
                return done
            }
            if there.ok { offset = Int(there.header("Upload-Offset")!)! } else { at = nil }
        }
        if at == nil {
            let word = { (value: String) in Data(value.utf8).base64EncodedString() }
            // request: begin
            let begun = try await call("POST", "/v1/uploads", [
                "Tus-Resumable": "1.0.0",
                "Upload-Length": "\(bytes.count)",
                "Upload-Metadata": "report \(word(report)),purpose \(word("before"))",
            ])
            if !begun.ok { throw begun.refused }
            at = begun.header("Location")!
            store.set(kept, at)
        }
        while true {
            let piece = bytes.subdata(in: offset..<min(offset + partSize, bytes.count))
            // request: part
            let part = try await call("PATCH", at! /* /v1/uploads/{upload} */, [
                "Content-Type": "application/offset+octet-stream",
                "Tus-Resumable": "1.0.0",
                "Upload-Offset": "\(offset)",
            ], piece)
            if !part.ok { throw part.refused }
            offset = Int(part.header("Upload-Offset")!)!
            if let attached = part.header("Content-Location") {
                store.set(kept, nil)
                return attached
            }
        }
    }

    /// What has changed of the own reports since the last time: a copy of the list, by code.
    func follow() async throws -> [String: Any] {
        while true {
            let list = store.get("list") as? [String: Any] ?? [:]
            let since = list["since"] as? String ?? "start"
            var kept = list["kept"] as? [String: Any] ?? [:]
            let known = (list["tag"] as? String).map { ["If-None-Match": $0] } ?? [:]
            // request: follow
            let answer = try await call("GET", "/v1/feedback?mine=true&view=brief&since=\(since)", known)
            if answer.status == 304 { return kept }
            if answer.status == 410 {
                store.set("list", nil)
                continue
            }
            if !answer.ok { throw answer.refused }
            let page = answer.json
            for report in page["brief"] as! [[String: Any]] { kept[report["code"] as! String] = report }
            for code in page["gone"] as! [String] { kept[code] = nil }
            var next: [String: Any] = ["since": page["since"]!, "kept": kept]
            if page["since"] as? String == since { next["tag"] = answer.header("ETag") }
            store.set("list", next)
            if page["more"] as? Bool == false { return kept }
        }
    }

    private func call(
        _ method: String, _ path: String, _ headers: [String: String], _ body: Data? = nil
    ) async throws -> Answer {
        var request = URLRequest(url: URL(string: url + path)!, cachePolicy: .reloadIgnoringLocalCacheData)
        request.httpMethod = method
        request.httpBody = body
        let own = ["Authorization": "Bearer \(token)", "X-Client": "city-app/1.0.0"]
        for (name, value) in own.merging(headers, uniquingKeysWith: { $1 }) {
            request.setValue(value, forHTTPHeaderField: name)
        }
        let (data, answer) = try await session.data(for: request)
        return Answer(http: answer as! HTTPURLResponse, data: data)
    }
}

/// A UUID of version 7: it says when it was made.
func keyOfNow() -> String {
    let digits = String(Int(Date().timeIntervalSince1970 * 1000), radix: 16)
    let time = String(repeating: "0", count: 12 - digits.count) + digits
    let some = { (length: Int) in (0..<length).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined() }
    return "\(time.prefix(8))-\(time.dropFirst(8))-7\(some(3))-8\(some(3))-\(some(12))"
}
